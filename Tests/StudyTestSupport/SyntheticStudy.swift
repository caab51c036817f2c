import Datasets
import Foundation
import Images
import Networks
package import Studies
import Support
import Tensors
import Training

/// A study whose runs were never trained: its files hold results of a formula, with noise by seed.
package struct SyntheticStudy {
  package let plan: StudyPlan
  /// The study's file.
  package let file: String

  /// - Parameters:
  ///   - names: domains, each both source and target; the first is at 0 on a line, the others ever farther along it.
  ///   - arms: as a study's file has them.
  ///   - slope: of Δ over MMD², in accuracy.
  ///   - share: the part of runs that are done.
  package init(
    in directory: String, names: [String], arms: [String] = SyntheticStudy.compared, seeds: Int = 3, sizes: [Int] = [],
    slope: Double = 0.1, share: Double = 1, epochs: Int = 4
  ) throws {
    let classes = ["circle", "square", "<b>ring</b>", "a very long name of a class"]
    let header = DatasetHeader(name: "made up", source: "here", license: "CC0", classNames: classes, channels: 1)
    try RunDirectory(directory).createDirectory()
    let data = directory + "/data.h5"
    var writer = try DatasetWriter(path: data, header: header)
    for index in 0..<8 {
      let image = Image(height: 32, width: 32, channels: 1, pixels: [UInt8](repeating: UInt8(index), count: 1024))
      try writer.append(image, regions: [LabeledRegion(label: index % 4)])
    }
    try writer.finish(splits: [.train: [0, 1, 2, 3], .validation: [4, 5], .test: [6, 7]])
    func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
    // Shifted, so that every domain has runs of its own.
    let domains = names.enumerated().map { index, name in
      "{name: \(quoted(name)), source: \(data), target: \(data), shift: noisy, severity: 0.\(10 + index)}"
    }
    let study = try exampleStudy([
      "name=made-up", "domains=[\(domains.joined(separator: ", "))]", "arms=[\(arms.joined(separator: ", "))]",
      "seeds=\(Array(1...seeds))", "sizes=\(sizes)", "learningRates=[0.01]",
    ])
    plan = try StudyPlan(study, path: "study.yaml", directory: directory + "/made-up")
    file = directory + "/study.yaml"
    try RunDirectory(plan.directory).createDirectory()
    try TextFile.write("name: made-up\n", to: file)
    for dataset in plan.datasets { try dataset.derive(shouldStop: { false }) }

    var random = RandomStream(seed: 1, keys: RandomStream.key("made up"))
    let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, Double($0.offset)) })
    for model in plan.sources.prefix(Int((share * Double(plan.sources.count)).rounded())) {
      try Self.finish(model, accuracy: 0.95 + 0.01 * Double(random.normal()), epochs: epochs, classes: classes)
    }
    let states = try StudyProgress(reading: plan).states
    for (cell, state) in zip(plan.cells, states).prefix(Int((share * Double(plan.cells.count)).rounded())) {
      let question = cell.question
      guard case .searching(let runs) = state else { continue }
      var accuracy = 0.5 + 0.02 * Double(random.normal()) + 0.002 * Double(question.size ?? 0)
      if let source = question.source, let from = places[source], let to = places[question.target] {
        accuracy += 0.2 + (question.arm.hasPrefix("fc") ? slope * 0.1 * abs(from - to) : 0)
      }
      for run in runs { try Self.finish(run, accuracy: accuracy, epochs: epochs, classes: classes) }
      guard question.source != nil, let run = runs.first else { continue }
      let layers = ["features.conv1_1", "features.conv2_1", "head.fc6"].enumerated().map { place, path in
        let share = 0.1 * Double(place)
        return Drift.Layer(path: path, weightDrift: 0.1 + share, similarity: 0.9 - share)
      }
      let drift = Drift(layers: layers, forgetting: .init(before: 0.95, after: 0.9, images: 10), images: 10)
      try Self.put(drift, to: run.directory.drift)
    }
  }

  package static let compared = [
    "{name: fc, settings: {network: {head: {kind: fc, width: 8, depth: 2}}}}",
    "{name: gap, settings: {network: {head: {kind: gap}}}}",
  ]

  /// All arms that the protocol has figures for.
  package static let all =
    compared
    + [
      "{name: gap-cut, pretrained: fc, scratch: gap, settings: {network: {head: {kind: gap-cut}}}}",
      "{name: fc-random, pretrained: fc, scratch: fc, settings: {network: {head: {kind: fc-random, width: 8, depth: 2}}}}",
      "{name: fc-permuted, pretrained: fc, scratch: fc, settings: {network: {head: {kind: fc-permuted, width: 8, depth: 2}}}}",
      "{name: fc-linear, settings: {network: {head: {kind: fc-linear, width: 8, depth: 2}}}}",
      "{name: flatten, pretrained: fc, scratch: fc, settings: {network: {head: {kind: flatten}}}}",
      "{name: dan, settings: {network: {head: {kind: dan}}}}",
    ]
    + [(8, 0), (8, 1), (16, 1), (16, 2), (16, 3)].map { width, depth in
      "{name: fc-\(width)x\(depth), settings: {network: {head: {kind: fc, width: \(width), depth: \(depth)}}}}"
    }

  /// The distances that the domains' names stand for.
  package var distances: DomainDistances {
    let names = plan.study.domains.map(\.name)
    return DomainDistances(
      key: "", samples: 10, secondDescriptor: .thumbnails,
      pairs: names.enumerated().flatMap { i, source in
        names.enumerated().map { j, target in
          let apart = Double(abs(i - j))
          return .init(
            source: source, target: target, primary: .init(discrepancy: 0.1 * apart, p: 0.01, proxy: min(2, apart)),
            second: .init(discrepancy: 0.07 * apart, p: 0.02, proxy: min(2, apart)), labelOverlap: 1)
        }
      })
  }

  /// Without waiting for the disk, as there are thousands.
  private static func put(_ value: some Encodable, to path: String) throws {
    try Data(JSONFile.text(of: value).utf8).write(to: URL(fileURLWithPath: path))
  }

  /// The files of a run with an accuracy: on 100 test images, in epochs that approach it.
  private static func finish(_ run: PlannedRun, accuracy: Double, epochs: Int, classes: [String]) throws {
    try run.directory.createDirectory()
    try Data(run.identity.utf8).write(to: URL(fileURLWithPath: run.directory.identity))
    let accuracy = min(max(accuracy, 0), 1)
    try Self.put(
      RunResult(
        epochs: epochs, steps: 2 * epochs, bestEpoch: epochs, validation: ["accuracy": accuracy, "loss": 1 - accuracy]
      ),
      to: run.directory.result)
    let records = (1...epochs).map { epoch in
      let learned = accuracy * (1 - exp(-2 * Double(epoch) / Double(epochs)))
      return MetricsRecord(
        step: 2 * epoch,
        values: [
          "epoch": Double(epoch), "learningRate": run.learningRate ?? 0.1, "trainLoss": 1 - learned,
          "trainAccuracy": min(1, learned + 0.1), "validationLoss": 1 - learned, "validationAccuracy": learned,
        ])
    }
    try Data(records.map { $0.line + "\n" }.joined().utf8).write(to: URL(fileURLWithPath: run.directory.metrics))
    let width = Double(run.configuration.network.head?.width ?? 0)
    let depth = Double(run.configuration.network.head?.depth ?? 0)
    try Self.put(
      RunCost(seconds: 2 + 0.02 * width * depth, peakBytes: 50_000_000), to: run.directory.cost)
    var tally = ClassificationTally(classNames: classes)
    for image in 0..<100 {
      let label = image % classes.count
      let answer = Double(image) < 100 * accuracy ? label : (label + 1 + image % 2) % classes.count
      var logits = [Float](repeating: 0, count: classes.count)
      logits[answer] = Float(image % 5)
      tally.add(logits: Tensor(logits, shape: [1, classes.count]), labels: [label])
    }
    let evaluation = RunEvaluation(
      weights: "best",
      domains: [
        DomainEvaluation(name: "a", path: "a.h5", split: "test", report: tally.report, drop: .none(reason: "none"))
      ])
    try Self.put(evaluation, to: run.directory.test)
  }
}
