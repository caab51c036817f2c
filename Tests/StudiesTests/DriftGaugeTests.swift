import Datasets
import Foundation
import Images
import Kernels
import Serialization
import Studies
import Tensors
import TestSupport
import Testing
import Training

/// A source model trained on light and dark halves, fine-tuned on other images.
@Suite(.serialized) struct DriftGaugeTests {
  private func makeDataset(_ path: String, classes: [String], dark: Int) throws {
    var random = RandomStream(seed: UInt64(dark))
    let header = DatasetHeader(name: "made", source: "none", license: "none", classNames: classes, channels: 1)
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
  private func tuned(_ head: String, _ changes: String..., epochs: Int = 3) throws -> Drift {
    let name = "\(head)-\(changes.count)"
    let weights = "weights={from: \(source.best)}"
    let run = try train(
      name, "network.head={kind: \(head)\(head.hasPrefix("fc") ? ", width: 8, depth: 1, dropout: 0" : "")}", weights,
      changes.first ?? "seed=1", on: "target", epochs: epochs)
    var gauge = try DriftGauge(source: source, reinitialized: [], pool: ThreadPool(threads: 1), shouldStop: { false })
    return try gauge.drift(of: run, shouldStop: { false })
  }

  @Test func theSourceModelItselfHasNotMoved() throws {
    var gauge = try DriftGauge(source: source, reinitialized: [], pool: ThreadPool(threads: 1), shouldStop: { false })
    let drift = try gauge.drift(of: source, shouldStop: { false })
    #expect(drift.layers.map(\.name) == ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "fc6"])
    #expect(drift.layers.map(\.isInHead) == [false, false, false, false, true])
    #expect(drift.layers.allSatisfy { $0.weightDrift == 0 && abs(($0.similarity ?? 0) - 1) < 1e-9 })
    #expect(drift.images == 24)
    let forgetting = try #require(drift.forgetting)
    #expect(forgetting.images == 24 && forgetting.change == 0 && forgetting.before > 0.8)
  }

  @Test func whatIsFrozenHasNotMovedAndTheRestHas() throws {
    let drift = try tuned("fc", #"freeze=["features.*"]"#)
    let backbone = drift.layers.filter { !$0.isInHead }
    #expect(backbone.count == 4 && backbone.allSatisfy { $0.weightDrift == 0 })
    let head = try #require(drift.layers.last)
    #expect(head.name == "fc6" && (head.weightDrift ?? 0) > 0 && (head.similarity ?? 1) < 1 - 1e-6)
    #expect(drift.forgetting != nil)
    let all = try tuned("fc")
    #expect(all.layers.allSatisfy { ($0.weightDrift ?? 0) > 0 && ($0.similarity ?? 1) < 1 })
    #expect(all.mean(\.weightDrift, inHead: false) == all.layers.prefix(4).compactMap(\.weightDrift).reduce(0, +) / 4)
  }

  /// Nothing can be said of forgetting under other layers; new layers moved from nowhere; permuted ones from where they were
  /// put.
  @Test func headsThatAreNotTheSourcesAreComparedAsFarAsTheyGo() throws {
    let cut = try tuned("gap-cut")
    #expect(cut.forgetting == nil && cut.layers.map(\.name) == ["conv1_1", "conv1_2", "conv2_1", "conv2_2"])
    let new = try tuned("fc-random")
    #expect(new.forgetting == nil && new.layers.last?.name == "fc6" && new.layers.last?.weightDrift == nil)
    #expect(new.layers.last?.similarity != nil)
    let permuted = try tuned("fc-permuted", "optimizer.learningRate=1e-6", epochs: 1)
    #expect(permuted.forgetting == nil)
    #expect((permuted.layers.last?.weightDrift ?? 1) < 1e-3)
    #expect((permuted.layers.last?.similarity ?? 1) < 0.99)
  }
}
