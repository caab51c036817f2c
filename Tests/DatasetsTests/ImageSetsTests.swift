import Datasets
import Foundation
import Support
import TestSupport
import Testing

/// VOC's lists of the images of each split.
@Suite struct ImageSetsTests {
  private func prepared(
    _ lists: [String: String], _ directory: borrowing TemporaryDirectory
  ) throws -> (dataset: Dataset, report: PreparationReport) {
    for folder in ["xml", "sets"] {
      try FileManager.default.createDirectory(atPath: directory.path(folder), withIntermediateDirectories: true)
    }
    for name in ["a", "b", "c"] {
      let text = """
        <annotation><filename>\(name).png</filename><object><name>dog</name><bndbox><xmin>1</xmin><ymin>1</ymin>\
        <xmax>4</xmax><ymax>4</ymax></bndbox></object></annotation>
        """
      try Data(text.utf8).write(to: URL(filePath: directory.path("xml/\(name).xml")))
    }
    for (name, text) in lists { try Data(text.utf8).write(to: URL(filePath: directory.path("sets/\(name)"))) }
    var preparation = Preparation(
      source: .boxes(
        .voc, train: .init(images: try importFixture("folder/cat"), labels: directory.path("xml")), test: nil,
        BoxReading(sets: directory.path("sets"))), name: "boxes", origin: "tests", license: "CC0")
    preparation.removesDuplicates = false
    let report = try preparation.run(writingTo: directory.path("a.h5"))
    return (try Dataset(opening: directory.path("a.h5")), report)
  }

  private func names(_ dataset: Dataset, _ split: Split) -> [String?] {
    dataset.samples(of: split).map { dataset.fileName(of: dataset.imageIndex(of: $0)) }
  }

  @Test func eachListIsASplit() throws {
    let directory = try TemporaryDirectory()
    let (dataset, report) = try prepared(["train.txt": "b\n\n", "val.txt": "c 1\r\n", "test.txt": "a\n"], directory)
    #expect(names(dataset, .train) == ["b.png"] && names(dataset, .validation) == ["c.png"])
    #expect(names(dataset, .test) == ["a.png"])
    #expect(!report.remarks.contains { $0.contains("in no list") })
  }

  @Test func whatIsInNoListIsCounted() throws {
    let directory = try TemporaryDirectory()
    let (dataset, report) = try prepared(["train.txt": "b\n", "test.txt": "a\n"], directory)
    #expect(dataset.imageCount == 2)
    #expect(report.remarks.contains { $0.contains("1 images of") && $0.contains("are in no list of") })
  }

  @Test func whatIsWrongIsNamed() throws {
    for (lists, part) in [
      (["val.txt": "a\n"], "no train.txt in it"), (["train.txt": "a\nb\n", "test.txt": "b\n"], "b is listed already"),
      (["train.txt": "a\nd\n"], "1 images that are listed in"),
    ] {
      let directory = try TemporaryDirectory()
      let error = try #require(throws: FileError.self) { _ = try self.prepared(lists, directory) }
      #expect("\(error)".contains(part), "\(error)")
    }
  }
}
