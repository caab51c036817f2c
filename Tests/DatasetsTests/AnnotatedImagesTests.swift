import Datasets
import Foundation
import Images
import Tensors
import TestSupport
import Testing

/// Boxes from COCO, VOC and CSV become the regions of a dataset.
@Suite struct AnnotatedImagesTests {
  /// Pictures a, b and c, 5 pixels wide and 5, 6 and 5 high (fixtures of the import tests), and annotations beside them.
  private func write(_ text: String, _ name: String, _ directory: borrowing TemporaryDirectory) throws -> String {
    let path = directory.path(name)
    try FileManager.default.createDirectory(
      atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  private func preparation(
    _ format: AnnotationFormat, _ annotations: String, keepsMarked: Bool = false, images: String? = nil
  ) throws -> Preparation {
    var preparation = Preparation(
      source: .boxes(
        format, train: .init(images: try images ?? importFixture("folder/cat"), labels: annotations), test: nil,
        keepsMarked: keepsMarked),
      name: "boxes", origin: "tests", license: "CC0")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    preparation.removesDuplicates = false
    return preparation
  }

  private func regions(of dataset: Dataset) -> [String] {
    (0..<dataset.sampleCount).map { sample in
      let box = dataset.box(of: sample).map { "\($0.x1) \($0.y1) \($0.x2) \($0.y2)" } ?? "whole"
      return "\(dataset.imageIndex(of: sample)) \(dataset.classNames[dataset.label(of: sample)]) \(box)"
    }
  }

  private static let coco = """
    {"info": {"year": 2017},
     "images": [{"id": 7, "file_name": "b.png", "width": 5, "height": 6}, {"id": 3, "file_name": "a.png"},
                {"id": 9, "file_name": "c.png"}],
     "categories": [{"id": 18, "name": "dog", "supercategory": "animal"}, {"id": 1, "name": "person"}],
     "annotations": [
       {"id": 1, "image_id": 3, "category_id": 18, "bbox": [1, 2, 3, 2.5], "iscrowd": 0, "area": 7.5},
       {"id": 2, "image_id": 7, "category_id": 1, "bbox": [0, 0, 5, 6]},
       {"id": 3, "image_id": 7, "category_id": 18, "bbox": [4.5, 5, 0.5, 1], "iscrowd": 0},
       {"id": 4, "image_id": 9, "category_id": 1, "bbox": [0, 0, 2, 2], "iscrowd": 1}]}
    """

  @Test func cocoBoxes() throws {
    let directory = try TemporaryDirectory()
    let path = try write(Self.coco, "coco.json", directory)
    let report = try preparation(.coco, path).run(writingTo: directory.path("a.h5"))
    #expect(report.classNames == ["person", "dog"] && report.counts[.train] == [1, 2] && report.found == 2)
    #expect(
      report.remarks.count == 2 && report.remarks[0].contains("1 images") && report.remarks[1].contains("crowd"))
    let dataset = try Dataset(opening: directory.path("a.h5"))
    #expect(
      regions(of: dataset) == [
        "0 person 0.0 0.0 4.0 5.0", "0 dog 4.5 5.0 4.5 5.0", "1 dog 1.0 2.0 3.0 3.5",
      ])
    _ = try preparation(.coco, path, keepsMarked: true).run(writingTo: directory.path("b.h5"))
    let all = try Dataset(opening: directory.path("b.h5"))
    #expect(regions(of: all).last == "2 person 0.0 0.0 1.0 1.0" && all.imageCount == 3)
  }

  @Test func vocBoxes() throws {
    let directory = try TemporaryDirectory()
    let first = """
      <?xml version="1.0" encoding="UTF-8"?>
      <!-- made for a test -->
      <annotation verified='yes > no'>
        <filename>b.png</filename><size><width>5</width><height>6</height><depth>3</depth></size>
        <object><name>salt &amp; p&#233;pper</name><difficult>0</difficult>
          <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>6</xmax><ymax>6</ymax></bndbox>
          <part><name>lid</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
        </object>
        <object><name><![CDATA[cat]]></name><pose/><difficult>1</difficult>
          <bndbox><ymax>3</ymax><xmax>3.5</xmax><ymin>3</ymin><xmin>2.5</xmin></bndbox></object>
      </annotation>
      """
    _ = try write(first, "xml/0001.xml", directory)
    _ = try write("<annotation><filename>a.png</filename></annotation>", "xml/0002.xml", directory)
    let path = directory.path("xml")
    let report = try preparation(.voc, path).run(writingTo: directory.path("a.h5"))
    #expect(report.classNames == ["salt & pépper"] && report.remarks.count == 2)
    #expect(regions(of: try Dataset(opening: directory.path("a.h5"))) == ["0 salt & pépper 0.0 1.0 5.0 5.0"])
    var all = try preparation(.voc, path, keepsMarked: true)
    all.classNames = ["dog", "cat", "salt & pépper"]
    _ = try all.run(writingTo: directory.path("b.h5"))
    #expect(
      regions(of: try Dataset(opening: directory.path("b.h5"))) == [
        "0 salt & pépper 0.0 1.0 5.0 5.0", "0 cat 1.5 2.0 2.5 2.0",
      ])
  }

  @Test func csvBoxes() throws {
    let directory = try TemporaryDirectory()
    let plain = try write(
      "b.png,0,1,5,5,\"a, \"\"big\"\" one\"\r\na.png,,,,,small\nb.png,2,2,2,2, small\n", "a.csv", directory)
    let named = try write(
      "class,width,filename,xmin,ymin,xmax,ymax\n\"a, \"\"big\"\" one\",6,b.png,0,1,5,5\nsmall,6,a.png,,,,\n"
        + "small,6,b.png,2,2,2,2\n", "b.csv", directory)
    for path in [plain, named] {
      let report = try preparation(.csv, path).run(writingTo: directory.path("a.h5"))
      #expect(report.classNames == ["a, \"big\" one", "small"] && report.counts[.train] == [1, 2])
      #expect(
        regions(of: try Dataset(opening: directory.path("a.h5"))) == [
          "0 a, \"big\" one 0.0 1.0 5.0 5.0", "0 small 2.0 2.0 2.0 2.0", "1 small whole",
        ])
    }
  }

  /// Each is one error that names the file and what is wrong in it.
  @Test func whatIsWrongWithAnnotations() throws {
    let directory = try TemporaryDirectory()
    func message(_ format: AnnotationFormat, _ text: String, classes: [String]? = nil) throws -> String {
      let name = format == .voc ? "xml/0001.xml" : "annotations"
      let path = try write(text, name, directory)
      var preparation = try preparation(format, format == .voc ? directory.path("xml") : path)
      preparation.classNames = classes
      let message = try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
      #expect(message.contains(directory.path("")) && !message.contains("\n"))
      #expect(!(try directory.names().contains("a.h5")))
      return message
    }
    func coco(_ old: String, _ new: String) throws -> String {
      #expect(Self.coco.contains(old))
      return try message(.coco, Self.coco.replacingOccurrences(of: old, with: new))
    }
    #expect(try coco("b.png", "lost.png").contains("1 of 3 images are missing (lost.png)"))
    #expect(try coco("b.png", "../dog/b.png").contains("an image called \"../dog/b.png\""))
    #expect(try coco("3, 2.5]", "0, 2.5]").contains("annotation 1 has a box of zero area"))
    #expect(try coco("3, 2.5]", "3]").contains("annotation 1 has no box of four numbers"))
    #expect(
      try coco("\"category_id\": 18, \"bbox\": [1", "\"category_id\": 4, \"bbox\": [1").contains("unknown category, 4"))
    #expect(try coco("\"image_id\": 3", "\"image_id\": 33").contains("annotation 1 is of image 33"))
    #expect(try coco("\"id\": 9", "\"id\": 3").contains("two images have the id 3"))
    #expect(try coco("[1, 2,", "[8, 2,").contains("annotation 1 of a.png lies outside its image of 5 x 5 pixels"))
    #expect(try coco("\"width\": 5", "\"width\": 7").contains("it has 5 x 6 pixels"))
    #expect(try coco("\"file_name\": \"c.png\"", "\"name\": \"c.png\"").contains("images[2].fileName is missing"))
    #expect(try message(.coco, "{").contains("it is not JSON"))
    #expect(try message(.coco, Self.coco, classes: ["person"]).contains("unknown category, dog"))

    let object = "<name>x</name><bndbox><xmin>3</xmin><ymin>1</ymin><xmax>2</xmax><ymax>4</ymax></bndbox>"
    func voc(_ inside: String) throws -> String {
      try message(.voc, "<annotation>\n<filename>a.png</filename>\(inside)</annotation>")
    }
    #expect(try voc("<object>\(object)</object>").contains("object 1 has a box of zero area"))
    #expect(try voc("<object><name>x</name></object>").contains("object 1 has no name or box"))
    #expect(try voc("<object>").contains("line 2: </annotation> ends nothing"))
    #expect(try voc("&file;").contains("line 2: an unknown entity"))
    #expect(
      try message(.voc, "<!DOCTYPE a [<!ENTITY b SYSTEM \"/etc/hostname\">]><a>&b;</a>").contains("a document type"))
    #expect(try message(.voc, String(repeating: "<a>", count: 99)).contains("more than 32 elements"))
    #expect(try message(.voc, "<annotation>").contains("<annotation> is never ended"))
    #expect(try message(.voc, "no XML").contains("text outside"))
    #expect(try message(.voc, "").contains("no element"))
    #expect(try voc("").contains("no boxes in it"))

    #expect(try message(.csv, "a.png,1,2,0,4,x").contains("line 1: a box of zero area"))
    #expect(try message(.csv, "image,x,y\na.png,1,2").contains("line 1: no image or no label"))
    #expect(try message(.csv, "a.png,1,2,3,4,x\na.png,1,2,,4,x").contains("line 2: corners"))
    #expect(try message(.csv, "a.png,1,2,3,4,\"x").contains("line 1: a quote"))
    #expect(try message(.csv, "a.png,9,2,12,4,x").contains("line 1 of a.png lies outside"))
  }

  /// Scaled to 10 x 10, boxes go along; a crop that loses a region is refused.
  @Test func boxesAreResizedWithTheirPictures() throws {
    let directory = try TemporaryDirectory()
    let path = try write("a.png,0,1,5,5,x\na.png,0,0,1,1,y", "a.csv", directory)
    var preparation = try preparation(.csv, path)
    preparation.resizing = ImageResizing(shorter: 10)
    _ = try preparation.run(writingTo: directory.path("a.h5"))
    let dataset = try Dataset(opening: directory.path("a.h5"))
    #expect(regions(of: dataset) == ["0 x 0.0 2.0 10.0 10.0", "0 y 0.0 0.0 2.0 2.0"])
    #expect(dataset.extent(ofImage: 0) == Extent(side: 10))
    preparation.resizing = ImageResizing(shorter: 10, crop: 4)
    #expect(
      try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
        .contains("a.png: the crop cuts off 1 of its regions"))
  }

  /// Unreadable images end the preparation with their name, or are listed if requested.
  @Test func unreadableImages() throws {
    // A PNG file of 30,000 x 30,000 pixels with sound checksums, its pixels missing.
    let huge: [UInt8] = [
      0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0x75, 0x30, 0, 0, 0x75,
      0x30, 8, 2, 0, 0, 0, 0xE9, 0x45, 0x6F, 0xED, 0, 0, 0, 9, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63, 0, 0, 0, 1, 0,
      1, 0x5E, 0xFF, 0x7D, 0xF9, 0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
    ]
    let jpeg = try Data(contentsOf: URL(filePath: importFixture("color.jpg")))
    for (name, data, message) in [
      (
        "huge.png", Data(huge),
        "declares 30000 x 30000 pixels, the limit is 100000000 pixels in total; shrink the image"
      ),
      ("torn.jpg", jpeg.prefix(jpeg.count / 2), "damaged JPEG"),
    ] {
      let directory = try TemporaryDirectory()
      try FileManager.default.copyItem(atPath: importFixture("folder"), toPath: directory.path("set"))
      try data.write(to: URL(filePath: directory.path("set/cat/\(name)")))
      var preparation = Preparation(source: .folder(directory.path("set")), name: "", origin: "", license: "")
      let found = try failureMessage { _ = try preparation.run(writingTo: directory.path("a.h5")) }
      #expect(found.hasPrefix(directory.path("set/cat/\(name): ") + message), "\(found)")
      #expect(try directory.names() == ["set"])
      preparation.skipsUnreadable = true
      let skipped = try preparation.run(writingTo: directory.path("a.h5")).skipped
      #expect(skipped.map { $0 + "; --skip-unreadable skips such images" } == [found])
    }
  }
}
