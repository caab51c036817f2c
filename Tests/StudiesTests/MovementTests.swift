import Datasets
import Foundation
import Images
import Serialization
import Studies
import Tensors
import TestSupport
import Testing
import Training

@Suite struct KernelAlignmentTests {
  private func normal(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
    var stream = RandomStream(seed: seed)
    return stream.normal([rows, columns], deviation: 1)
  }

  private func similarity(_ a: Tensor, _ b: Tensor) throws -> Double {
    try #require(KernelAlignment(a).similarity(to: KernelAlignment(b)))
  }

  /// By the definition of HSIC over all quadruples of samples.
  @Test func alignmentsAreNumpys() throws {
    let cases = try GoldenDistances().alignments
    #expect(cases.count == 3)
    for one in cases {
      let (a, b) = (
        Tensor(one.a.flatMap { $0 }, shape: [one.a.count, one.a[0].count]),
        Tensor(one.b.flatMap { $0 }, shape: [one.b.count, one.b[0].count])
      )
      #expect(abs(try similarity(a, b) - one.similarity) < 1e-5)
    }
  }

  @Test func aRotationAScaleAndAShiftChangeNothing() throws {
    let a = normal(60, 3, seed: 1)
    #expect(abs(try similarity(a, a) - 1) < 1e-9)
    let values = a.values
    let turned = (0..<60).flatMap { row -> [Float] in
      let (x, y, z) = (values[3 * row], values[3 * row + 1], values[3 * row + 2])
      return [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y, -z].map { 5 * $0 + 20 }
    }
    #expect(abs(try similarity(a, Tensor(turned, shape: [60, 3])) - 1) < 1e-4)
    // Stretched along one direction, it is another representation.
    let stretched = values.enumerated().map { $0 % 3 == 0 ? 10 * $1 : $1 }
    #expect(try similarity(a, Tensor(stretched, shape: [60, 3])) < 0.9)
  }

  /// The plain CKA of such activations is about 0.8: they have more numbers than there are samples.
  @Test func unrelatedActivationsAreAboutNought() throws {
    let values = try (0..<5).map {
      try similarity(normal(200, 1000, seed: 2 * $0), normal(200, 1000, seed: 2 * $0 + 1))
    }
    #expect(values.allSatisfy { abs($0) < 0.03 })
    #expect(KernelAlignment(Tensor(zeros: [5, 2])).similarity(to: KernelAlignment(normal(5, 2, seed: 1))) == nil)
  }
}

/// A source model trained on light and dark halves, fine-tuned on other pictures.
@Suite(.serialized) struct MovementTests {
  private func makeDataset(_ path: String, classes: [String], dark: Int) throws {
    var random = RandomStream(seed: UInt64(dark))
    let header = DatasetHeader(name: "made", source: "none", licence: "none", classNames: classes, channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    for index in 0..<60 {
      let label = index % classes.count
      let pixels = (0..<28 * 28).map { pixel in
        UInt8((pixel * classes.count / (28 * 28) == label ? 200 : dark) + random.integer(below: 50))
      }
      _ = try writer.append(
        Image(height: 28, width: 28, channels: 1, pixels: pixels), regions: [.init(label: label)])
    }
    try writer.finish(splits: [.train: Array(0..<24), .validation: Array(24..<36), .test: Array(36..<60)])
  }

  private let directory: TemporaryPlace
  private let source: RunDirectory

  /// A class, so that the suite may be copied.
  private final class TemporaryPlace {
    private let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory() }
    func path(_ name: String) -> String { directory.path(name) }
  }

  init() throws {
    directory = try TemporaryPlace()
    source = RunDirectory(directory.path("source"))
    try makeDataset(directory.path("source.h5"), classes: ["top", "bottom"], dark: 20)
    try makeDataset(directory.path("target.h5"), classes: ["first", "second", "third"], dark: 90)
    _ = try train("source", "network.head={kind: fc, width: 8, depth: 1, dropout: 0}", on: "source", epochs: 6)
  }

  private func train(_ name: String, _ changes: String..., on data: String, epochs: Int) throws -> RunDirectory {
    var node = try YAMLNode(
      parsing: "data: {path: \(directory.path(data + ".h5")), batch: 8}\nthreads: 1\noptimizer: {learningRate: 0.05}",
      source: "")
    for change in changes + ["epochs=\(epochs)"] { try node.set(change) }
    let configuration = try StrictDecoder(source: "test").decode(Configuration.self, from: node)
    let run = RunDirectory(directory.path(name))
    try run.create(for: configuration)
    try Trainer(configuration, run: run).train()
    return run
  }

  /// Fine-tuned on the target.
  private func tuned(_ head: String, _ changes: String..., epochs: Int = 3) throws -> Movement {
    let name = "\(head)-\(changes.count)"
    let weights = "weights={from: \(source.best)}"
    let run = try train(
      name, "network.head={kind: \(head)\(head.hasPrefix("fc") ? ", width: 8, depth: 1, dropout: 0" : "")}", weights,
      changes.first ?? "seed=1", on: "target", epochs: epochs)
    var gauge = try MovementGauge(source: source, leave: [], threads: 1)
    return try gauge.movement(of: run)
  }

  @Test func theSourceModelItselfHasNotMoved() throws {
    var gauge = try MovementGauge(source: source, leave: [], threads: 1)
    let movement = try gauge.movement(of: source)
    #expect(movement.layers.map(\.name) == ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "fc6"])
    #expect(movement.layers.map(\.isInHead) == [false, false, false, false, true])
    #expect(movement.layers.allSatisfy { $0.drift == 0 && abs(($0.similarity ?? 0) - 1) < 1e-9 })
    #expect(movement.images == 24)
    let retention = try #require(movement.retention)
    #expect(retention.images == 24 && retention.change == 0 && retention.before > 0.8)
  }

  @Test func whatIsFrozenHasNotMovedAndTheRestHas() throws {
    let movement = try tuned("fc", #"freeze=["features.*"]"#)
    let backbone = movement.layers.filter { !$0.isInHead }
    #expect(backbone.count == 4 && backbone.allSatisfy { $0.drift == 0 })
    let head = try #require(movement.layers.last)
    #expect(head.name == "fc6" && (head.drift ?? 0) > 0 && (head.similarity ?? 1) < 1 - 1e-6)
    #expect(movement.retention != nil)
    let all = try tuned("fc")
    #expect(all.layers.allSatisfy { ($0.drift ?? 0) > 0 && ($0.similarity ?? 1) < 1 })
    #expect(all.mean(\.drift, inHead: false) == all.layers.prefix(4).compactMap(\.drift).reduce(0, +) / 4)
  }

  /// Nothing can be said of forgetting under other layers; new layers moved from nowhere; permuted ones from where they were
  /// put.
  @Test func headsThatAreNotTheSourcesAreComparedAsFarAsTheyGo() throws {
    let cut = try tuned("gap-cut")
    #expect(cut.retention == nil && cut.layers.map(\.name) == ["conv1_1", "conv1_2", "conv2_1", "conv2_2"])
    let new = try tuned("fc-random")
    #expect(new.retention == nil && new.layers.last?.name == "fc6" && new.layers.last?.drift == nil)
    #expect(new.layers.last?.similarity != nil)
    let permuted = try tuned("fc-permuted", "optimizer.learningRate=1e-6", epochs: 1)
    #expect(permuted.retention == nil)
    #expect((permuted.layers.last?.drift ?? 1) < 1e-3)
    #expect((permuted.layers.last?.similarity ?? 1) < 0.99)
  }
}
