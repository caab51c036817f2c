import Bulkhead
import Foundation
import Synchronization
import Testing

@Suite struct TrainingJobTests {
  @Test func aRunIsTrainedReadAndEvaluated() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      let run = TrainingRun(directory: workspace.file("run"))
      #expect(!run.isBegun && !run.hasCheckpoint)
      var (steps, epochs, saves) = (0, 0, 0)
      let outcome = try #require(
        // Where a run may go back, each epoch is saved at its own step, however slow the disk is.
        try run.start(workspace.configuration().setting("onNonFinite", to: "rollback")) { progress in
          switch progress {
          case .step: steps += 1
          case .epoch(_, of: let total, metrics: let metrics):
            epochs += 1
            #expect(total == 3 && metrics["validationAccuracy"] != nil)
          case .saved: saves += 1
          default: break
          }
        } isCancelled: {
          false
        })
      #expect(outcome.epochs == 3 && outcome.steps == 15 && steps == 15 && epochs == 3 && saves > 0)
      #expect(outcome.divergedAt == nil && outcome.validation["accuracy"] != nil)
      #expect(try run.outcome() == outcome && run.metrics().count == 3)
      #expect(try run.configuration().epochs == 3 && run.configuration().dataset == workspace.file("a.h5"))

      let evaluation = try run.evaluate(isCancelled: { false })[0]
      #expect(evaluation.samples == 20 && evaluation.predictions.count == 20 && evaluation.drop == .points(0))
      #expect(evaluation.predictions.count { $0.isCorrect } == evaluation.correct)
      #expect(evaluation.confusion.flatMap { $0 }.reduce(0, +) == 20 && evaluation.text.contains("confusion matrix"))
      #expect(evaluation.classes.map(\.samples) == [10, 10] && evaluation.worstClass != nil)
      let last = try await run.evaluate(on: [workspace.file("a.h5")], split: .validation, weights: .last)
      #expect(last[0].split == .validation && last[0].samples == 20)

      let page = try await run.writePage()
      #expect(page == workspace.file("run") + "/report.html")
      #expect(
        try String(decoding: workspace.bytes(of: "run/report.html"), as: UTF8.self).contains(
          "on the 20 validation samples"))
      var other = RunPage()
      (other.file, other.split, other.picture) = (workspace.file("test.html"), .test, 3)
      #expect(try run.writePage(other, isCancelled: { false }) == other.file)
      #expect(throws: BulkheadError.self) { try run.writePage(other, isCancelled: { false }) }
      other.overwrites = true
      var writes = 0
      try run.followPage(other, onWrite: { _ in writes += 1 }, isCancelled: { false })
      #expect(writes == 1)
      other.file = run.bestWeights
      let refused = #expect(throws: BulkheadError.self) { try run.writePage(other, isCancelled: { false }) }
      #expect(refused?.kind == .exists && refused?.message.contains("is never replaced") == true)

      #expect(try run.verify(isCancelled: { false }).allSatisfy(\.isGood))
      #expect(try run.prove(isCancelled: { false }) == 11...15)
      #expect(try await run.prove() == 11...15)
      try Data("damage".utf8).write(to: URL(fileURLWithPath: run.bestWeights))
      #expect(try await run.verify().filter { !$0.isGood }.map(\.path) == [run.bestWeights])
    }
  }

  @Test func weightsOfARunAreReadConvertedAndTrainedFrom() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      let run = TrainingRun(directory: workspace.file("run"))
      try await run.start(workspace.configuration(epochs: 1))
      let weights = try PretrainedWeights(opening: run.bestWeights)
      #expect(weights.layers.contains("fc6") && weights.flattenOrder == .heightWidthChannels)
      let bias = try #require(weights.tensors.first { $0.name == "fc6.bias" })
      #expect(bias.shape == [8] && bias.elementType == "float32")
      let converted = workspace.file("converted.safetensors")
      try weights.convert(
        to: .safetensors, writingTo: converted, flattened: ["fc6": .init(height: 7, width: 7, channels: 32)])
      #expect(try PretrainedWeights(opening: converted).values(of: "fc6.bias") == weights.values(of: "fc6.bias"))
      #expect(kind { () throws(BulkheadError) in _ = try weights.values(of: "fc9.bias") } == .missing)
      #expect(
        kind { () throws(BulkheadError) in try weights.convert(to: .onnx, writingTo: converted) } == .invalid)

      var configuration = try workspace.configuration(epochs: 1)
      configuration.weights = run.bestWeights
      let loaded = Mutex("")
      try await TrainingRun(directory: workspace.file("second")).start(configuration) { progress in
        if case .loadedWeights(_, let table) = progress { loaded.withLock { $0 = table } }
      }
      #expect(loaded.withLock { $0 }.contains("loaded"))
      #expect(
        try configuration.evaluate(isCancelled: { false })[0].accuracy
          == run.evaluate(isCancelled: { false })[0].accuracy)
    }
  }

  @Test func aCancelledRunResumesToTheSameBits() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      let configuration = try workspace.configuration()
      let (whole, stopped) = (
        TrainingRun(directory: workspace.file("whole")), TrainingRun(directory: workspace.file("stopped"))
      )
      try whole.start(configuration, isCancelled: { false })
      let steps = Mutex(0)
      #expect(
        kind { () throws(BulkheadError) in
          try stopped.start(configuration) { progress in
            if case .step = progress { steps.withLock { $0 += 1 } }
          } isCancelled: {
            steps.withLock { $0 } >= 7
          }
        } == .cancelled)
      #expect(stopped.hasCheckpoint)
      #expect(try stopped.outcome() == nil)
      #expect(try await stopped.resume(until: 2) == nil)
      let task = Task { try await stopped.resume() }
      task.cancel()
      let error = await #expect(throws: BulkheadError.self) { try await task.value }
      #expect(error?.kind == .cancelled)
      #expect(try await stopped.resume() == whole.outcome())
      for file in ["best.h5", "metrics.jsonl", "result.json"] {
        #expect(try workspace.bytes(of: "whole/\(file)") == workspace.bytes(of: "stopped/\(file)"), "\(file)")
      }
    }
  }

  /// More epochs than a run has are an extension, which is asked for by name.
  @Test func aRunIsExtended() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      var changed = try workspace.configuration()
      (changed.epochs, changed.selectionMetric) = (2, .macroF1)
      let configuration = changed
      #expect(try configuration.yaml.contains("select: macroF1"))
      let run = TrainingRun(directory: workspace.file("run"))
      #expect(kind { () throws(BulkheadError) in try run.start(configuration, until: 3) } == .invalid)
      try await run.start(configuration)
      #expect(kind { () throws(BulkheadError) in try run.resume(until: 3) } == .invalid)
      #expect(try await run.resume(extendingTo: 3)?.epochs == 3)
      #expect(try run.configuration().epochs == 3)
      #expect(try run.outcome()?.validation["macroF1"] != nil)
    }
  }

  @Test func twoRunsTrainAtOnceAsEachAlone() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      var changed = try workspace.configuration()
      changed.threads = 2
      let configuration = changed
      func run(_ name: String) -> TrainingRun { TrainingRun(directory: workspace.file(name)) }
      try await run("alone").start(configuration)
      async let one = run("one").start(configuration)
      async let two = run("two").start(configuration)
      let outcomes = try await [one, two]
      #expect(outcomes[0] == outcomes[1] && outcomes[0] != nil)
      for name in ["one", "two"] {
        #expect(try workspace.bytes(of: "\(name)/best.h5") == workspace.bytes(of: "alone/best.h5"))
      }
    }
  }
}
