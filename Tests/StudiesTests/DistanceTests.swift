import Datasets
import Foundation
import Images
import Studies
import Support
import Tensors
import TestSupport
import Testing
import Training

/// numpy's values, which Fixtures/make_distances.py made.
struct GoldenDistances: Decodable {
  struct Discrepancy: Decodable {
    var a, b: [[Double]]
    var bandwidth, discrepancy: Double
  }
  struct Score: Decodable {
    var probabilities: [[Double]]
    var labels: [Int]
    var classes: Int
    var score: Double
  }
  struct Alignment: Decodable {
    var a, b: [[Float]]
    var similarity: Double
  }
  var discrepancies: [Discrepancy]
  var scores: [Score]
  var alignments: [Alignment]

  init() throws {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/distances.json")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
  }
}

@Suite struct DistanceTests {
  @Test func discrepanciesAreNumpys() throws {
    let cases = try GoldenDistances().discrepancies
    #expect(cases.count == 3)
    for one in cases {
      let bandwidth = SampleDistance.bandwidth(of: [one.a, one.b])
      #expect(abs(bandwidth - one.bandwidth) < 1e-12)
      let measured = SampleDistance.discrepancy(one.a, one.b, bandwidth: bandwidth, exchanges: 9)
      #expect(abs(measured.square - one.discrepancy) < 1e-12)
    }
  }

  @Test func scoresAreNumpys() throws {
    let cases = try GoldenDistances().scores
    #expect(cases.count == 3)
    for one in cases {
      let score = TaskDistances.score(probabilities: one.probabilities, labels: one.labels, classes: one.classes)
      #expect(abs(score - one.score) < 1e-12)
    }
  }

  @Test func aSourceThatKnowsTheLabelsScoresNothingLessAndOneThatKnowsNothingTheirEntropy() {
    let labels = (0..<60).map { $0 % 3 == 0 ? 0 : 1 + $0 % 2 }
    func rows(_ row: (Int) -> [Double]) -> Double {
      TaskDistances.score(probabilities: labels.map(row), labels: labels, classes: 3)
    }
    // Its own labels in another order: 0, the most there is.
    #expect(rows { label in (0..<3).map { $0 == (label + 1) % 3 ? 1 : 0 } } == 0)
    // The same shares whatever the label: −H of a third each.
    #expect(abs(rows { _ in [0.7, 0.2, 0.1, 0] } + log(3)) < 1e-12)
    let some = rows { label in label == 0 ? [0.8, 0.2] : [0.3, 0.7] }
    #expect(some < 0 && some > -log(3))
  }

  /// A dataset of made-up pictures, half of them for training.
  private func makeDataset(_ path: String, seed: UInt64, count: Int = 24, light: Int = 0) throws {
    var random = RandomStream(seed: seed)
    let header = DatasetHeader(
      name: "made", source: "none", licence: "none", classNames: ["a", "b"], channels: 1)
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
      return try DomainDistances(of: plan)
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

  /// Descriptions of two numbers about a place.
  private func sample(_ count: Int, at place: Double, seed: UInt64) -> SampleDistance.Sample {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in [place + Double(random.normal()), Double(random.normal())] }
  }

  @Test func discrepancyByHand() {
    // One number each, bandwidth 1: pairs within 1 apart give e⁻¹, across e⁰, e⁻¹ and e⁻¹, e⁻⁴ …
    let (a, b) = ([[0.0], [1.0]], [[0.0], [2.0]])
    let within = 0.36787944117144233 + 0.01831563888873418
    let across = 2 * (1 + 0.01831563888873418 + 0.36787944117144233 + 0.36787944117144233) / 4
    let measured = SampleDistance.discrepancy(a, b, bandwidth: 1, exchanges: 9)
    #expect(abs(measured.square - (within - across)) < 1e-12)
  }

  @Test func farSamplesAreFar() {
    let (a, same, far) = (sample(60, at: 0, seed: 1), sample(60, at: 0, seed: 2), sample(60, at: 3, seed: 3))
    let bandwidth = SampleDistance.bandwidth(of: [a, same, far])
    let near = SampleDistance.discrepancy(a, same, bandwidth: bandwidth)
    let wide = SampleDistance.discrepancy(a, far, bandwidth: bandwidth)
    #expect(abs(near.square) < 0.05 && near.p > 0.05)
    #expect(wide.square > 0.3 && wide.p == 1 / 200)
    #expect(SampleDistance.proxy(a, same) < 0.7)
    #expect(SampleDistance.proxy(a, far) > 1.4)
  }

  @Test func descriptionsHaveAFixedLength() {
    let grey = Image(height: 20, width: 30, channels: 1, pixels: (0..<600).map { UInt8($0 % 251) })
    let description = Descriptor.gradients.describe(grey)
    #expect(description.count == 208)
    #expect(description == Descriptor.gradients.describe(grey.converted(toChannels: 3)))
    // Histograms have length 1, each other part at most.
    #expect(abs(description.prefix(144).reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
    #expect(description.suffix(64).reduce(0) { $0 + $1 * $1 } <= 2)
    let thumbnail = Descriptor.thumbnails.describe(grey)
    #expect(thumbnail.count == 192 && thumbnail.reduce(0) { $0 + $1 * $1 } <= 1)
    // Means of a map of two cells, (3, 4) in the middle, of length 1.
    #expect(Descriptor.features(of: [2, 4, 4, 4], channels: 2) == [0.6, 0.8])
    // An even picture has no edges.
    let even = Image(height: 8, width: 8, channels: 1, pixels: [UInt8](repeating: 90, count: 64))
    #expect(Descriptor.gradients.describe(even).prefix(144).allSatisfy { $0 == 0 })
  }
}
