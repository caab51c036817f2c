import Datasets
import Foundation
import Support
import Tensors
import TestSupport
import Testing

/// Files of proposals for pictures a, b and c, 5 pixels wide and 5, 6 and 5 high; the values are those that
/// Fixtures/make_proposals.py and these tests write.
@Suite struct ProposalListTests {
  private static let annotations = """
    {"images": [{"id": 3, "file_name": "a.png"}, {"id": 7, "file_name": "b.png"}, {"id": 9, "file_name": "c.png"}],
     "categories": [{"id": 1, "name": "dog"}],
     "annotations": [{"id": 1, "image_id": 3, "category_id": 1, "bbox": [1, 2, 3, 2]},
                     {"id": 2, "image_id": 7, "category_id": 1, "bbox": [0, 0, 5, 6]},
                     {"id": 3, "image_id": 9, "category_id": 1, "bbox": [0, 0, 2, 2]}]}
    """

  private func fixture(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/proposals/\(name)").path
  }

  private func prepared(
    _ proposals: String, _ directory: borrowing TemporaryDirectory, shorter: Int? = nil
  ) throws -> (dataset: Dataset, report: PreparationReport) {
    let path = directory.path("coco.json")
    try Data(Self.annotations.utf8).write(to: URL(filePath: path))
    var preparation = Preparation(
      source: .boxes(.coco, train: .init(images: try importFixture("folder/cat"), labels: path), test: nil),
      name: "boxes", origin: "tests", license: "CC0")
    (preparation.validation, preparation.test) = (.count(0), .count(0))
    preparation.removesDuplicates = false
    preparation.proposals = proposals
    if let shorter { preparation.resizing = ImageResizing(shorter: shorter) }
    let output = directory.path("\(UUID().uuidString).h5")
    let report = try preparation.run(writingTo: output)
    return (try Dataset(opening: output), report)
  }

  /// Each image's proposals as text, by its name.
  private func texts(_ dataset: Dataset) -> [String: [String]] {
    var texts: [String: [String]] = [:]
    for index in 0..<dataset.imageCount {
      let proposals = dataset.proposals(ofImage: index)
      texts[dataset.fileName(of: index) ?? ""] = zip(proposals.boxes, proposals.scores).map { box, score in
        "\(box.x1) \(box.y1) \(box.x2) \(box.y2) \(score)"
      }
    }
    return texts
  }

  private func refusal(_ text: String, named name: String = "p.csv") throws -> String {
    let directory = try TemporaryDirectory()
    let path = directory.path(name)
    try Data(text.utf8).write(to: URL(filePath: path))
    return "\(try #require(throws: FileError.self) { _ = try self.prepared(path, directory) })"
  }

  @Test func archivesHaveAnArrayForEachImage() throws {
    let directory = try TemporaryDirectory()
    let (dataset, report) = try prepared(fixture("boxes.npz"), directory)
    #expect(dataset.hasProposals)
    #expect(
      texts(dataset) == [
        "a.png": ["0.0 1.0 2.0 3.0 0.0", "1.0 1.0 4.0 4.0 0.0"],
        "b.png": ["2.0 2.0 3.0 3.0 0.75", "0.0 0.0 4.0 5.0 0.25"], "c.png": [],
      ])
    #expect(report.remarks.contains { $0.contains("1 images of") && $0.contains("are not in the dataset: zebra") })
    #expect(report.remarks.contains { $0.contains("1 images have no proposals") })
    let error = try #require(throws: FileError.self) { _ = try self.prepared(fixture("shapes.npz"), directory) }
    #expect("\(error)".contains("an array a of shape [2, 3]"))
  }

  /// Rows of y1, x1, y2, x2 that count from 1.
  @Test func selectiveSearchOfMATLAB() throws {
    let directory = try TemporaryDirectory()
    let (dataset, report) = try prepared(fixture("boxes.mat"), directory)
    #expect(
      texts(dataset) == [
        "a.png": ["0.0 1.0 2.0 3.0 0.0", "1.0 1.0 4.0 4.0 0.0"], "b.png": ["0.0 0.0 4.0 5.0 0.0"], "c.png": [],
      ])
    #expect(report.remarks.contains { $0.contains("y1, x1, y2, x2, counted from 1") }, "\(report.remarks)")
  }

  /// By the identifiers of the annotations; boxes that reach beyond are clipped, those that are none are counted.
  @Test func resultsOfCOCO() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("results.json")
    let text = """
      [{"image_id": 3, "category_id": 5, "bbox": [0, 1, 3, 3], "score": 0.5}, {"image_id": 3, "bbox": [1, 1, 9, 4], "score": 0.75},
       {"image_id": 7, "bbox": [2, 2, 0, 2], "score": 1}, {"image_id": 7, "bbox": [6, 2, 2, 2], "score": 1},
       {"image_id": 7, "bbox": [3, 2, -2, 2], "score": 1}, {"image_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]
      """
    try Data(text.utf8).write(to: URL(filePath: path))
    let (dataset, report) = try prepared(path, directory)
    #expect(
      texts(dataset) == ["a.png": ["1.0 1.0 4.0 4.0 0.75", "0.0 1.0 2.0 3.0 0.5"], "b.png": [], "c.png": []])
    for part in [
      "1 proposals of \(path) reach beyond their image", "1 proposals of \(path) have no area and are left out",
      "1 proposals of \(path) end before they begin", "1 proposals of \(path) lie outside of their image",
      "1 images have no proposals", "1 images of \(path) are not in the dataset: 1",
    ] {
      #expect(report.remarks.contains { $0.contains(part) }, "\(part): \(report.remarks)")
    }
  }

  /// With a header in any order and without one; the proposals go along when images are resized.
  @Test func tables() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("p.csv")
    let wanted = ["a.png": ["1.0 1.0 4.0 4.0 0.5"], "b.png": ["0.0 0.0 4.0 5.0 0.0"], "c.png": []]
    for text in [
      "score,image,x1,y1,x2,y2,label\n0.5,a.png,1,1,4,4,dog\n,b,0,0,4,5,\n", "a,1,1,4,4,0.5\nb.png,0,0,4,5,\n",
      "a,1,1,4,4,0.5\nb.png,0,0,4,5\n",
    ] {
      try Data(text.utf8).write(to: URL(filePath: path))
      #expect(try texts(prepared(path, directory).dataset) == wanted)
    }
    let large = try prepared(path, directory, shorter: 10).dataset
    #expect(texts(large)["a.png"] == ["2.0 2.0 8.0 8.0 0.5"])
  }

  @Test func whatIsWrongIsNamed() throws {
    #expect(try refusal("a,1,1,4,four\n").contains("line 1"))
    #expect(try refusal("a,1,1,4\n").contains("line 1"))
    #expect(try refusal("a,1,1,4,4,high\n").contains("score high"))
    #expect(try refusal("zebra,1,1,4,4\n").contains("none of its 1 images is in the dataset (zebra)"))
    #expect(try refusal("image,x1,y1,x2,y2\n").contains("no proposals in it"))
    #expect(try refusal("[{\"image_id\": 3, \"bbox\": [1, 2]}]", named: "p.json").contains("[0].bbox has 2 numbers"))
    #expect(try refusal("[{\"image_id\": 3}]", named: "p.json").contains("[0].bbox is missing"))
  }
}
