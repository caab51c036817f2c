import Datasets
import Foundation
import Images
import Statistics
import Studies
import StudyTestSupport
import Support
import Tensors
import TestSupport
import Testing
import Training

@Suite struct DomainDistancesTests {
  /// A synthetic dataset, half of it for training.
  private func makeDataset(_ path: String, seed: UInt64, count: Int = 24, light: Int = 0) throws {
    var random = RandomStream(seed: seed)
    let header = DatasetHeader(
      name: "made", source: "none", license: "none", classNames: ["a", "b"], channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    for index in 0..<count {
      let pixels = (0..<100).map { _ in UInt8(light + random.integer(below: 150)) }
      _ = try writer.append(
        Image(height: 10, width: 10, channels: 1, pixels: pixels), regions: [.init(label: index % 2, box: nil)])
    }
    try writer.finish(splits: [.train: Array(0..<count / 2), .test: Array(count / 2..<count)])
  }

  /// The same number of images of each domain, though one has fewer; the study chooses the descriptor, another stands
  /// beside it.
  @Test func aStudyIsMeasuredInTwoDescriptors() throws {
    let directory = try TemporaryDirectory()
    let paths = ["a", "b"].map { directory.path($0 + ".h5") }
    try makeDataset(paths[0], seed: 1)
    try makeDataset(paths[1], seed: 2, count: 40, light: 100)
    func distances(_ changes: String...) throws -> DomainDistances {
      let domains = "domains=[{name: a, source: \(paths[0]), target: \(paths[0])}, {name: b, target: \(paths[1])}]"
      let plan = try StudyPlan(
        exampleStudy([domains] + changes), path: "study.yaml", directory: directory.path("study"))
      try RunDirectory(plan.directory).createDirectory()
      return try DomainDistances(measuring: plan, shouldStop: { false })
    }
    let first = try distances()
    #expect(first.descriptor == .gradients && first.secondDescriptor == .thumbnails && first.samples == 12)
    let pair = try #require(first["a", "b"])
    #expect(pair.discrepancy > 0.1 && pair.p < 0.05 && pair.labelOverlap == 1)
    let (own, other) = (try #require(first["a", "a"]?.second), try #require(pair.second))
    #expect(own.discrepancy < 0.2 * other.discrepancy)
    let changed = try distances("distance={descriptor: thumbnails}")
    #expect(changed.descriptor == .thumbnails && changed.secondDescriptor == .gradients)
    #expect(changed["a", "b"]?.primary == pair.second && changed["a", "b"]?.second == pair.primary)
    // There are no feature maps.
    let error = #expect(throws: FileError.self) { try distances("distance={descriptor: features}") }
    #expect(error?.message.contains("a.h5: it holds images; expected feature maps") ?? false)
    // Other data, other distances.
    try FileManager.default.removeItem(atPath: paths[1])
    try makeDataset(paths[1], seed: 3, light: 10)
    let nearer = try #require(try distances()["a", "b"])
    #expect(nearer.discrepancy < pair.discrepancy)
    // Nothing to measure on.
    try FileManager.default.removeItem(atPath: paths[1])
    try makeDataset(paths[1], seed: 3, count: 2)
    let few = #expect(throws: FileError.self) { try distances() }
    #expect(few?.message.contains("b.h5: 1 training images; expected at least 2") ?? false)
  }
}
