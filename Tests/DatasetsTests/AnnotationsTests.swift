import Datasets
import Foundation
import Support
import TestSupport
import Testing

/// Malicious annotations.
@Suite struct AnnotationsTests {
  @Test func picturesStayInTheirFolder() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("coco.json")
    for name in ["../a.png", "/etc/passwd", "x/../../a.png", #"a.png\u0000.jpg"#, ""] {
      let json = """
        {"images": [{"id": 1, "file_name": "\(name)"}], "categories": [{"id": 1, "name": "x"}],
         "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 2, 2]}]}
        """
      try Data(json.utf8).write(to: URL(filePath: path))
      let preparation = Preparation(
        source: .boxes(
          .coco, train: .init(images: try importFixture("folder/cat"), labels: path), test: nil),
        name: "a", origin: "", license: "")
      let message = try failureMessage { _ = try preparation.run(writingTo: directory.path("out.h5")) }
      #expect(message.contains("an image called"), "\(name): \(message)")
    }
  }

  @Test func deepTextsAreRefused() throws {
    let directory = try TemporaryDirectory()
    let deep = String(repeating: "[", count: 200_000)
    try Data(deep.utf8).write(to: URL(filePath: directory.path("coco.json")))
    try Data(String(repeating: "<a>", count: 200_000).utf8).write(to: URL(filePath: directory.path("a.xml")))
    for (format, name) in [(AnnotationFormat.coco, "coco.json"), (.voc, "")] {
      let preparation = Preparation(
        source: .boxes(
          format, train: .init(images: try importFixture("folder/cat"), labels: directory.path(name)), test: nil),
        name: "a", origin: "", license: "")
      #expect(try !failureMessage { _ = try preparation.run(writingTo: directory.path("out.h5")) }.isEmpty)
    }
  }
}
