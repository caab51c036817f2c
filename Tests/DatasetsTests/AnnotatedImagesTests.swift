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
    try preparation(format, annotations, BoxReading(keepsMarked: keepsMarked), images: images)
  }

  private func preparation(
    _ format: AnnotationFormat, _ annotations: String, _ reading: BoxReading, images: String? = nil
  ) throws -> Preparation {
    var preparation = Preparation(
      source: .boxes(
        format, train: .init(images: try images ?? importFixture("folder/cat"), labels: annotations), test: nil,
        reading),
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

  @Test func numbersBesideTextsAreRefusedInATableOfBoxes() throws {
    let directory = try TemporaryDirectory()
    let path = try write("b.png,0,1,5,5,1\nb.png,2,2,2,2,NaN\n", "a.csv", directory)
    let message = try failureMessage {
      _ = try preparation(.csv, path).run(writingTo: directory.path("a.h5"))
    }
    #expect(message.contains("labels that are numbers such as \"1\" beside texts such as \"NaN\""), "\(message)")
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

  /// Fractions of width 5 and height 6 of b.png become pixels, their ends being inclusive.
  @Test func fractionsAreScaledWhereAskedFor() throws {
    let directory = try TemporaryDirectory()
    let coco = try write(
      """
      {"images": [{"id": 1, "file_name": "b.png"}], "categories": [{"id": 1, "name": "x"}],
       "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0.2, 0.5, 0.6, 0.25]}]}
      """, "coco.json", directory)
    let csv = try write("b.png,0.2,0.5,0.8,0.75,x\n", "a.csv", directory)
    let sizes = try write("image,x,y,width,height,label\nb.png,0.2,0.5,0.6,0.25,x\n", "b.csv", directory)
    _ = try write(
      "<annotation><filename>b.png</filename><object><name>x</name><bndbox><xmin>0.2</xmin><ymin>0.5</ymin>"
        + "<xmax>0.8</xmax><ymax>0.75</ymax></bndbox></object></annotation>", "xml/1.xml", directory)
    for (format, path) in [
      (AnnotationFormat.coco, coco), (.csv, csv), (.csv, sizes), (.voc, directory.path("xml")),
    ] {
      let report = try preparation(format, path, BoxReading(unit: .fractions)).run(writingTo: directory.path("a.h5"))
      let dataset = try Dataset(opening: directory.path("a.h5"))
      let box = try #require(dataset.box(of: 0))
      #expect(abs(box.x1 - 1) < 1e-6 && abs(box.y1 - 3) < 1e-6 && abs(box.x2 - 3) < 1e-6 && abs(box.y2 - 3.5) < 1e-6)
      #expect(report.remarks.contains { $0.hasSuffix("are parts of width and height, scaled to pixels") })
      let message = try failureMessage { _ = try preparation(format, path).run(writingTo: directory.path("b.h5")) }
      #expect(message.contains("all 1 boxes lie between 0 and") && message.contains("--boxes fractions"), "\(message)")
    }
    let pixels = try write("b.png,1,2,3,4,x\n", "c.csv", directory)
    #expect(
      try failureMessage {
        _ = try preparation(.csv, pixels, BoxReading(unit: .fractions)).run(writingTo: directory.path("b.h5"))
      }.contains("line 1 has a box beyond 0 to 1"))
  }

  /// Each box that is left out is counted once.
  @Test func boxesThatCannotBeUsedAreCounted() throws {
    let directory = try TemporaryDirectory()
    let path = try write(
      """
      {"images": [{"id": 1, "file_name": "a.png", "width": 5, "height": 5}, {"id": 2, "file_name": "lost.png"}],
       "categories": [{"id": 1, "name": "x"}, {"id": 2, "name": "never"}],
       "annotations": [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 3, 3]},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 3]},
        {"id": 3, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 3], "iscrowd": 1},
        {"id": 4, "image_id": 1, "category_id": 1, "bbox": [4, 4, -2, 3]},
        {"id": 5, "image_id": 1, "category_id": 1, "bbox": [7, 1, 2, 2]},
        {"id": 6, "image_id": 9, "category_id": 1, "bbox": [1, 1, 2, 2]},
        {"id": 7, "image_id": 1, "category_id": 9, "bbox": [1, 1, 2, 2]},
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2]}]}
      """, "coco.json", directory)
    let report = try preparation(.coco, path, BoxReading(skipsInvalid: true)).run(writingTo: directory.path("a.h5"))
    #expect(
      regions(of: try Dataset(opening: directory.path("a.h5"))) == ["0 x 1.0 1.0 3.0 3.0", "0 x 0.0 0.0 1.0 1.0"])
    #expect(
      report.remarks == [
        "1 annotations of \(path) have the id of another; all are read",
        "1 images of \(path) have no box and are excluded",
        "1 boxes of \(path) are marked as crowds and are left out",
        "1 boxes of \(path) have no area and are left out",
        "1 boxes of \(path) end before they begin and are left out",
        "1 boxes of \(path) lie outside of their image and are left out",
        "1 boxes of \(path) are of an unknown image and are left out",
        "1 boxes of \(path) are of an unknown category and are left out",
        "1 of 2 classes have no images: never",
      ])
    #expect(
      try failureMessage { _ = try preparation(.coco, path).run(writingTo: directory.path("b.h5")) }
        .contains("annotation 4 has a box that ends before it begins, [4, 4, 2, 7]"))
  }

  /// Names without extension or none at all, comments behind the root, truncated boxes.
  @Test func looseVOCFiles() throws {
    let directory = try TemporaryDirectory()
    func object(_ name: String, _ more: String = "") -> String {
      "<object><name>\(name)</name>\(more)<bndbox><xmin>1.5</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
    }
    _ = try write(
      "<!-- made by hand --><annotation><filename>b</filename>\(object("x"))\(object("y", "<truncated>1</truncated>"))"
        + "</annotation>\n<!-- end --><?done?>\n", "xml/1.xml", directory)
    _ = try write("<annotation>\(object("x"))</annotation>", "xml/c.xml", directory)
    let path = directory.path("xml")
    let report = try preparation(.voc, path, BoxReading(keepsTruncated: false)).run(writingTo: directory.path("a.h5"))
    #expect(
      regions(of: try Dataset(opening: directory.path("a.h5"))) == ["0 x 0.5 0.0 2.0 3.0", "1 x 0.5 0.0 2.0 3.0"])
    #expect(report.remarks.contains("1 files of \(path) name no image; the image has the file's own name"))
    #expect(
      report.remarks.contains { $0.contains("2 images of \(path) are named without extension and were found in") })
    #expect(report.remarks.contains("1 boxes of \(path) are marked truncated and are left out"))
    try FileManager.default.copyItem(atPath: importFixture("folder/cat"), toPath: directory.path("img"))
    try Data().write(to: URL(filePath: directory.path("img/b.jpg")))
    #expect(
      try failureMessage {
        _ = try preparation(.voc, path, images: directory.path("img")).run(writingTo: directory.path("b.h5"))
      }.contains("an image called \"b\", which several files are: b.jpg, b.png"))
  }

  /// Classes are told apart in whatever encoding a file declares, as Python's codecs write it, or it is refused.
  @Test func textIsDecodedAsItDeclares() throws {
    let texts: [(encoding: String, bytes: [UInt8], text: String)] = [
      ("ISO-8859-1", [0x63, 0x61, 0x66, 0xE9], "café"), ("iso-8859-1", [0x63, 0x61, 0x66, 0xE8], "cafè"),
      ("ISO-8859-15", [0xA4, 0xBD], "€œ"), ("windows-1252", [0x93, 0x80], "“€"), ("GB2312", [0xC3, 0xA8], "猫"),
      ("GBK", [0xD8, 0x88], "貓"), ("GB18030", [0x95, 0x34, 0xB2, 0x35], "𠮷"), ("Shift_JIS", [0x94, 0x4C], "猫"),
      ("EUC-KR", [0xB0, 0xED], "고"), ("Big5", [0xBF, 0xDF], "貓"), ("KOI8-R", [0xD3, 0xCF, 0xC2], "соб"),
      ("UTF-8", [0xC3, 0xA9], "é"),
    ]
    let directory = try TemporaryDirectory()
    func xml(_ declaration: String, _ name: [UInt8]) -> [UInt8] {
      Array("\(declaration)<annotation><filename>b.png</filename><object><name>".utf8) + name
        + Array(
          "</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object></annotation>".utf8)
    }
    func classes(_ bytes: [UInt8]) throws -> [String] {
      _ = try write("", "xml/1.xml", directory)
      try Data(bytes).write(to: URL(filePath: directory.path("xml/1.xml")))
      return try preparation(.voc, directory.path("xml")).run(writingTo: directory.path("a.h5")).classNames
    }
    for (encoding, bytes, text) in texts {
      #expect(try classes(xml("<?xml version='1.0' encoding=\"\(encoding)\"?>", bytes)) == [text], "\(encoding)")
    }
    let whole = String(decoding: xml("<?xml version=\"1.0\" encoding=\"UTF-16\"?>", Array("猫é".utf8)), as: UTF8.self)
    let little = whole.utf16.flatMap { unit -> [UInt8] in [UInt8(unit & 255), UInt8(unit >> 8)] }
    let big = whole.utf16.flatMap { unit -> [UInt8] in [UInt8(unit >> 8), UInt8(unit & 255)] }
    for bytes in [[0xFF, 0xFE] + little, [0xFE, 0xFF] + big, little, big] { #expect(try classes(bytes) == ["猫é"]) }
    let ascii = whole.replacing("猫é", with: "cat")
    #expect(try classes(Array(ascii.utf8)) == ["cat"])
    func message(_ bytes: [UInt8]) throws -> String { try failureMessage { _ = try classes(bytes) } }
    #expect(try message(xml("", [0x63, 0xE9])).contains("line 1: byte E9 is not UTF-8"))
    #expect(try message(Array(whole.utf8)).contains("UTF-16 without a byte order mark"))
    #expect(
      try message(xml("<?xml version=\"1.0\" encoding=\"Klingon\"?>", [0x63])).contains("\"Klingon\" is unknown"))
    #expect(
      try message(xml("<?xml version=\"1.0\" encoding=\"GB2312\"?>", [0xD8, 0x88])).contains("is not GB2312"))
  }

  @Test func textOfTablesIsDecodedAsAsked() throws {
    let directory = try TemporaryDirectory()
    let path = try write("", "a.csv", directory)
    let line = Array("b.png,1,1,3,4,caf".utf8)
    try Data(line + [0xE9, 0x0A] + line + [0xE8, 0x0A]).write(to: URL(filePath: path))
    let report = try preparation(.csv, path, BoxReading(csv: CSVReading(encoding: "latin1")))
      .run(writingTo: directory.path("a.h5"))
    #expect(report.classNames == ["cafè", "café"])
    #expect(
      try failureMessage { _ = try preparation(.csv, path).run(writingTo: directory.path("b.h5")) }
        .contains("line 1: byte E9 is not UTF-8"))
    let tabs = try write("b.png\t1\t1\t3\t2\t\"x, y\"\n", "b.csv", directory)
    _ = try preparation(.csv, tabs, BoxReading(hasSizes: true)).run(writingTo: directory.path("c.h5"))
    #expect(regions(of: try Dataset(opening: directory.path("c.h5"))) == ["0 x, y 1.0 1.0 3.0 2.0"])
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
    #expect(try coco("b.png", "lost.png").contains("1 of 2 images are missing (lost.png)"))
    #expect(try coco("b.png", "../dog/b.png").contains("an image called \"../dog/b.png\""))
    #expect(try coco("3, 2.5]", "-1, 2.5]").contains("annotation 1 has a box that ends before it begins"))
    #expect(try coco("3, 2.5]", "3]").contains("annotation 1 has no box of four numbers"))
    #expect(
      try coco("\"category_id\": 18, \"bbox\": [1", "\"category_id\": 4, \"bbox\": [1").contains(
        "annotation 1 is of an unknown category, 4"))
    #expect(try coco("\"image_id\": 3", "\"image_id\": 33").contains("annotation 1 is of an unknown image, 33"))
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
    #expect(try voc("<object>\(object)</object>").contains("object 1 has a box that ends before it begins"))
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

    #expect(try message(.csv, "a.png,1,2,0,4,x").contains("line 1 has a box that ends before it begins"))
    #expect(try message(.csv, "image,x,y\na.png,1,2").contains("the header has no column for x1"))
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

  /// The names of columns that published files have; the same boxes in each.
  @Test(arguments: [
    "ImageID,LabelName,XMin,XMax,YMin,YMax\nb.png,x,0,4,1,5\n",
    "image_name,bbox_x,bbox_y,bbox_width,bbox_height,label_name\nb.png,0,1,5,5,x\n",
    "image,width,height,bbox_x,bbox_y,bbox_width,bbox_height,label\nb.png,5,6,0,1,5,5,x\n",
    "image,x0,y0,x1,y1,label\nb.png,0,1,4,5,x\n",
  ])
  func columnsOfPublishedFiles(text: String) throws {
    let directory = try TemporaryDirectory()
    let path = try write(text, "a.csv", directory)
    _ = try preparation(.csv, path).run(writingTo: directory.path("a.h5"))
    #expect(regions(of: try Dataset(opening: directory.path("a.h5"))) == ["0 x 0.0 1.0 4.0 5.0"])
  }

  @Test func identifiersOfTexts() throws {
    let directory = try TemporaryDirectory()
    var text = Self.coco.replacing("\"id\": 7", with: "\"id\": \"b-7\"").replacing("_id\": 7", with: "_id\": \"b-7\"")
    text = text.replacing("\"id\": 18", with: "\"id\": \"18\"")
    let path = try write(text, "coco.json", directory)
    let report = try preparation(.coco, path).run(writingTo: directory.path("a.h5"))
    #expect(report.classNames == ["person", "dog"] && report.counts[.train] == [1, 2])
    let unknown = try write(text.replacing("_id\": \"b-7\"", with: "_id\": \"b-8\""), "coco.json", directory)
    let message = try failureMessage {
      _ = try preparation(.coco, unknown).run(writingTo: directory.path("a.h5"))
    }
    #expect(message.contains("is of an unknown image, b-8"), "\(message)")
  }

  @Test func boxesBeforeTheFirstPixelAreCounted() throws {
    let directory = try TemporaryDirectory()
    func xml(_ first: Int) -> String {
      "<annotation><filename>a.png</filename><object><name>x</name><bndbox><xmin>\(first)</xmin><ymin>2</ymin>"
        + "<xmax>3</xmax><ymax>4</ymax></bndbox></object></annotation>"
    }
    _ = try write(xml(0), "xml/1.xml", directory)
    let report = try preparation(.voc, directory.path("xml")).run(writingTo: directory.path("a.h5"))
    #expect(
      report.remarks.contains { $0.contains("1 of 1 boxes of") && $0.contains("begin before 1") }, "\(report.remarks)")
    #expect(regions(of: try Dataset(opening: directory.path("a.h5"))) == ["0 x -1.0 1.0 2.0 3.0"])
    _ = try write(xml(1), "xml/1.xml", directory)
    let sound = try preparation(.voc, directory.path("xml")).run(writingTo: directory.path("a.h5"))
    #expect(!sound.remarks.contains { $0.contains("begin before 1") })
  }

  /// Flags are yes or no, in words too; anything else is refused.
  @Test func flagsAreYesOrNo() throws {
    let directory = try TemporaryDirectory()
    func box(_ more: String) -> String {
      "<object><name>x</name>\(more)<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
    }
    func count(_ flags: String, _ reading: BoxReading = BoxReading()) throws -> Int {
      _ = try write(
        "<annotation><filename>a.png</filename>\(box(""))\(box(flags))</annotation>", "xml/a.xml", directory)
      _ = try preparation(.voc, directory.path("xml"), reading).run(writingTo: directory.path("a.h5"))
      return try Dataset(opening: directory.path("a.h5")).sampleCount
    }
    for yes in ["1", "True", "yes"] {
      #expect(try count("<difficult>\(yes)</difficult>") == 1)
      #expect(try count("<truncated>\(yes)</truncated>", BoxReading(keepsTruncated: false)) == 1)
    }
    for no in ["0", "False", "no", ""] { #expect(try count("<difficult>\(no)</difficult>") == 2) }
    #expect(
      try failureMessage { _ = try count("<difficult>2</difficult>") }
        .contains("object 2 has <difficult> 2; expected 0, 1, true, false, yes or no"))
    #expect(try failureMessage { _ = try count("<name>y</name>") }.contains("object 2 has several <name>"))
    let corners = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox>"
    #expect(try failureMessage { _ = try count(corners) }.contains("object 2 has several <bndbox>"))
    _ = try write(
      "<annotation><filename>a.png</filename>\(box("").replacing("3</xmax>", with: "0x3</xmax>"))</annotation>",
      "xml/a.xml",
      directory)
    #expect(
      try failureMessage { _ = try preparation(.voc, directory.path("xml")).run(writingTo: directory.path("a.h5")) }
        .contains("object 1 has no box of four numbers"))
  }

  @Test func crowdsAreTruthValuesToo() throws {
    let directory = try TemporaryDirectory()
    for (old, new) in [("\"iscrowd\": 1", "\"iscrowd\": true"), ("\"iscrowd\": 0", "\"iscrowd\": false")] {
      let path = try write(Self.coco.replacing(old, with: new), "coco.json", directory)
      let report = try preparation(.coco, path).run(writingTo: directory.path("a.h5"))
      #expect(report.counts[.train] == [1, 2])
    }
    let path = try write(Self.coco.replacing("\"iscrowd\": 1", with: "\"iscrowd\": 2"), "coco.json", directory)
    #expect(
      try failureMessage { _ = try preparation(.coco, path).run(writingTo: directory.path("a.h5")) }
        .contains("2 is neither 0 nor 1"))
  }

  @Test func twoAnnotationsOfOneImageAreNamed() throws {
    let directory = try TemporaryDirectory()
    let object =
      "<object><name>x</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>4</ymax></bndbox></object>"
    for name in ["1", "2"] {
      _ = try write("<annotation><filename>a.png</filename>\(object)</annotation>", "xml/\(name).xml", directory)
    }
    let message = try failureMessage {
      _ = try preparation(.voc, directory.path("xml")).run(writingTo: directory.path("a.h5"))
    }
    #expect(message.contains("2.xml: a.png is annotated twice, in") && message.contains("1.xml too"), "\(message)")
  }

  @Test func tablesOfBoxesThatMeanMore() throws {
    let directory = try TemporaryDirectory()
    func message(_ text: String) throws -> String {
      let path = try write(text, "a.csv", directory)
      return try failureMessage { _ = try preparation(.csv, path).run(writingTo: directory.path("a.h5")) }
    }
    #expect(
      try message("image,x1,y1,x2,y2,x3,y3,x4,y4,label\na.png,1,1,3,1,3,3,1,3,x\n").contains(
        "a column x3: boxes of four corners; expected upright boxes"))
    #expect(
      try message("image,x1,y1,x2,y2,label,split\na.png,1,1,3,3,x,train\n").contains(
        "a column split, which tells splits"))
    #expect(
      try message("image,x1,y1,x2,y2,label\na.png,1,1,3,3,x,7\n").contains(
        "line 2: 7 columns; expected 6 as in the header"))
    #expect(try message("image,x1,y1,x2,y2,label,area\na.png,1,1,3,3,x\n").contains("line 2: 6 columns; expected 7"))
    let rows = ["10", "9", "2", "2 "].map { "a.png,1,1,3,3,\($0)" }.joined(separator: "\n")
    let path = try write("image,x1,y1,x2,y2,label\n\(rows)\n", "a.csv", directory)
    let report = try preparation(.csv, path).run(writingTo: directory.path("a.h5"))
    #expect(report.classNames == ["2", "9", "10"] && report.counts[.train] == [2, 1, 1])
    #expect(report.remarks.contains { $0.contains("the label 2 is written in 2 ways") }, "\(report.remarks)")
  }
}
