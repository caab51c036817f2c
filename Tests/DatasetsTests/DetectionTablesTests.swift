import Datasets
import Foundation
import Images
import Tensors
import TestSupport
import Testing

/// Marks and proposals of a dataset.
@Suite struct DetectionTablesTests {
  private let box = Box(x1: 1, y1: 1, x2: 3, y2: 4)

  private func write(
    _ regions: [[LabeledRegion]], _ proposals: [Proposals] = [], to path: String
  ) throws -> Dataset {
    var writer = try DatasetWriter(path: path, header: exampleHeader)
    for (number, regions) in regions.enumerated() {
      try writer.append(
        picture(6, 5, number: number), regions: regions,
        proposals: proposals.indices.contains(number) ? proposals[number] : Proposals())
    }
    try writer.finish(splits: [.train: Array(regions.indices)])
    return try Dataset(opening: path)
  }

  @Test func marksAndProposalsComeBack() throws {
    let directory = try TemporaryDirectory()
    let proposals = Proposals(boxes: [box, Box(x1: -2, y1: 0, x2: 2, y2: 9)], scores: [0.5, -3])
    let regions: [[LabeledRegion]] = [
      [.init(label: 0, box: box, mark: .difficult), .init(label: 1, box: box, mark: .crowd)],
      [.init(label: 2, box: box), .init(label: 2, box: box, mark: .ignored)], [.init(label: 0, mark: .background)],
    ]
    let dataset = try write(regions, [proposals, Proposals()], to: directory.path("a.h5"))
    #expect((0..<5).map(dataset.mark(of:)) == [.difficult, .crowd, .object, .ignored, .background])
    #expect((0..<5).map { dataset.region(of: $0) } == regions.flatMap { $0 })
    #expect(dataset.hasMarks && dataset.hasProposals)
    #expect((0..<3).map(dataset.proposals(ofImage:)) == [proposals, Proposals(), Proposals()])
    #expect(try Dataset.fingerprint(of: directory.path("a.h5")).contains("/proposals/box"))
    #expect(dataset.checksums.keys.contains("/regions/mark"))
  }

  /// Without marks and proposals the file has no such arrays.
  @Test func plainDatasetsStayAsTheyAre() throws {
    let directory = try TemporaryDirectory()
    let dataset = try write([[.init(label: 0, box: box)]], to: directory.path("a.h5"))
    #expect(!dataset.hasMarks && !dataset.hasProposals && dataset.mark(of: 0) == .object)
    #expect(dataset.checksums.keys.allSatisfy { !$0.hasPrefix("/proposals") && $0 != "/regions/mark" })
  }

  @Test func impossibleOnesAreRefused() throws {
    let directory = try TemporaryDirectory()
    let outside = Proposals(boxes: [Box(x1: 9, y1: 0, x2: 12, y2: 3)], scores: [1])
    #expect(
      try failureMessage {
        _ = try write([[.init(label: 0, box: box)]], [outside], to: directory.path("a.h5"))
      }.contains("a proposal that lies outside its image of 5 x 6 pixels"))
    #expect(
      try failureMessage {
        _ = try write([[.init(label: 0, box: box, mark: .background)]], to: directory.path("b.h5"))
      }.contains("region 0 is marked as background"))
  }

  /// There and back: a box that a transform moves lies again where it was.
  @Test func transformsAreUndone() {
    let extent = Extent(height: 40, width: 60)
    var transform = ImageTransform()
    transform.isMirrored = true
    transform.scaled = Extent(height: 80, width: 90)
    transform.window = PixelWindow(top: 5, left: 7, extent: Extent(height: 70, width: 80))
    transform.partScaled = Extent(height: 35, width: 40)
    let box = Box(x1: 20, y1: 10, x2: 31, y2: 25)
    let there = transform.box(box, of: extent)!
    let back = transform.source(of: there, in: extent)
    for (a, b) in zip([box.x1, box.y1, box.x2, box.y2], [back.x1, back.y1, back.x2, back.y2]) {
      #expect(abs(a - b) < 1e-4)
    }
  }
}
