import Datasets
import Foundation
import Optimizers
import Support
import TestSupport
import Testing
import Training
import Weights

/// The loop, its files, selection and evaluation use a task through the protocol alone: a custom task goes through
/// all of them.
@Suite(.serialized) struct TrainingTaskTests {
  private func configuration(_ directory: borrowing TemporaryDirectory) throws -> Configuration {
    var configuration = try TrainerTests.configuration(directory)
    (configuration.epochs, configuration.optimizer.learningRate, configuration.optimizer.accumulate) = (12, 0.005, 2)
    configuration.checkpoint = CheckpointConfiguration(keepLast: 2, keepBest: 2)
    return configuration
  }

  private func training(_ configuration: Configuration, _ run: RunDirectory) throws -> Trainer {
    try Trainer(configuration, run: run, task: LabelRegression.self)
  }

  @Test func anotherTaskIsTrainedSelectedAndResumed() throws {
    let directory = try TemporaryDirectory()
    let configuration = try configuration(directory)
    let whole = try TrainerTests.run("whole", directory, configuration)
    let result = try #require(try training(configuration, whole).train())
    let records = try MetricsLog.records(in: whole.metrics)
    let errors = records.compactMap { $0.values["validationSquaredError"] }
    #expect(errors.count == 12 && Set(errors).count == 12)
    #expect(result.validation["squaredError"] == errors.min() && errors[result.bestEpoch - 1] == errors.min())
    #expect(result.validation.count == 2 && (result.validation["within"] ?? 0) > 0.5)
    #expect(try whole.loadResult() == result)
    #expect(try #require(errors.min()) < 0.5 * errors[0])
    for record in records {
      #expect(
        Set(record.values.keys) == [
          "epoch", "learningRate", "trainLoss", "trainWithin", "trainAbsoluteError", "validationSquaredError",
          "validationWithin",
        ])
      // Mean absolute error is at most the root of the mean squared one.
      let (error, loss) = (try #require(record.values["trainAbsoluteError"]), try #require(record.values["trainLoss"]))
      #expect(error > 0 && error * error <= loss * 1.0001)
    }
    let state = try TrainingState(json: Checkpoint(reading: whole.last).state, path: whole.last)
    #expect(state.kept.map { $0.metrics["squaredError"] } == Array(errors.sorted().prefix(2)))
    #expect(state.task == "label-regression" && state.outputs == 1 && state.classNames.count == 3)
    #expect(try RunVerification(whole).isGood)

    // In the middle of an epoch, and of what it counts.
    let parts = try TrainerTests.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try training(configuration, parts).train { $0 == 13 } }
    let stopped = try TrainingState(json: Checkpoint(reading: parts.last).state, path: parts.last)
    #expect(stopped.sums.samples == 15 && (stopped.sums.counts["absoluteError"] ?? 0) > 0)
    #expect(throws: TrainingError.self) { try Trainer(resuming: parts) }
    try Trainer(resuming: parts, task: LabelRegression.self).train()
    #expect(try TrainerTests.bytes(parts) == TrainerTests.bytes(whole))
    #expect(try Replay.prove(whole, task: LabelRegression.self).to == 60)
  }

  @Test func anotherTaskIsEvaluated() throws {
    let directory = try TemporaryDirectory()
    let configuration = try configuration(directory)
    let run = try TrainerTests.run("run", directory, configuration)
    let result = try #require(try training(configuration, run).train())
    let evaluator = try RunEvaluator(run, weights: .best, task: LabelRegression.self)
    let path = configuration.data.path
    let evaluation = try evaluator.evaluate(as: LabelRegression.self, on: [path], split: .validation)
    let domain = try #require(evaluation.domains.first)
    #expect(domain.report.metrics == result.validation)
    #expect(domain.drop == .none(reason: "squaredError is not a share"))
    let output = try evaluator.evaluate(on: [path], split: .validation)
    #expect(output.text.contains("squared error  \(domain.report.squaredError)\n"))
    let lines = output.predictionsText.split(separator: "\n")
    #expect(lines.first == "dataset,sample,output,target" && lines.count == 25)
    #expect(lines.last?.hasPrefix("stripes,") == true)
    #expect(throws: TrainingError.self) {
      try evaluator.evaluate(as: Classification.self, on: [path], split: .validation)
    }
    #expect(throws: TrainingError.self) { try RunEvaluator(run, weights: .best) }
  }

  @Test func anotherTaskThatDivergesCountsWithItsWorst() throws {
    let directory = try TemporaryDirectory()
    var configuration = try configuration(directory)
    configuration.optimizer.learningRate = 1e30
    let run = try TrainerTests.run("run", directory, configuration)
    let error = #expect(throws: Divergence.self) { try training(configuration, run).train() }
    let result = try #require(try run.loadResult())
    #expect(result.divergedAt == error?.step && result.validation == ["within": 0])
  }

  /// The first metric decides, of equals the next; what is not there is the worst.
  @Test func metricsAreComparedInOrder() {
    let metrics = Classification.metrics
    func better(_ a: [String: Double], _ b: [String: Double]) -> Bool { metrics.prefers(a, to: b) }
    #expect(better(["accuracy": 0.6, "loss": 2], ["accuracy": 0.5, "loss": 1]))
    #expect(!better(["accuracy": 0.5, "loss": 1], ["accuracy": 0.6, "loss": 2]))
    #expect(better(["accuracy": 0.5, "loss": 1], ["accuracy": 0.5, "loss": 2]))
    #expect(better(["accuracy": 0.5, "loss": 1], ["accuracy": 0.5]))
    #expect(better(["accuracy": 0.1], [:]) && !better(["accuracy": 0], [:]))
    #expect(!better(["accuracy": 0.5, "loss": 1], ["accuracy": 0.5, "loss": 1]))
    #expect(metrics.worst == ["accuracy": 0, "balancedAccuracy": 0, "macroF1": 0])
    #expect(metrics.text(of: ["loss": 0.25, "accuracy": 0.5, "other": 1]) == "accuracy 50.0 %, loss 0.2500")
    #expect(
      metrics.map(\.validationKey) == [
        "validationAccuracy", "validationLoss", "validationBalancedAccuracy", "validationMacroF1",
      ])
  }

  @Test func resultsKeepTheirKeys() throws {
    let result = RunResult(
      epochs: 3, steps: 9, bestEpoch: 2, validation: ["accuracy": 0.5, "loss": 0.25, "other": .infinity])
    let text = try JSONFile.text(of: result)
    #expect(text.contains(#""validationAccuracy" : 0.5"#) && text.contains(#""validationLoss" : 0.25"#))
    #expect(!text.contains("ther"))
    #expect(try JSONDecoder().decode(RunResult.self, from: Data(text.utf8)) == result)
    #expect(result.validation["accuracy"] == 0.5 && result.validation["loss"] == 0.25)
    let diverged = RunResult(divergedAt: 7, metrics: Classification.metrics)
    #expect(diverged.validation["accuracy"] == 0 && diverged.validation["loss"] == nil)
    #expect(try JSONDecoder().decode(RunResult.self, from: Data(JSONFile.text(of: diverged).utf8)) == diverged)
  }

  /// A network answers for a dataset by the names of its classes, in whatever order; samples of others are not judged.
  @Test func aClassificationIsAppliedToADataset() throws {
    let directory = try TemporaryDirectory()
    try TrainerTests.writeDataset(to: directory.path("stripes.h5"))
    let dataset = try Dataset(opening: directory.path("stripes.h5"))
    let samples = Array(dataset.samples(of: .train).prefix(3))
    let labels = samples.map(dataset.label(of:))
    func task(_ names: [String], by rule: ClassRule = .byName) throws -> Classification {
      try Classification(classNames: names).applied(to: dataset, by: rule)
    }
    let turned = try task(["slanted", "other", "level", "upright"])
    #expect(turned.judged(samples, of: dataset) == samples && turned.scope == ["slanted", "level", "upright"])
    let some = try task(["slanted", "other"])
    #expect(some.judged(samples, of: dataset) == samples.filter { dataset.label(of: $0) == 2 })
    #expect(some.restricted(to: turned).scope == ["slanted"] && turned.restricted(to: turned).scope == turned.scope)
    let batch = try Batch(samples, of: dataset, as: DataConfiguration(path: dataset.path))
    let placed = try task(["a", "b", "c"], by: .byPosition)
    #expect(placed.targets(of: batch, in: dataset) == labels && placed.scope == nil)
    #expect(throws: TrainingError.self) { try task(["a", "b", "c"]) }
    #expect(throws: TrainingError.self) { try task(["a", "b"], by: .byPosition) }
  }
}
