import Foundation
import Optimizers
import Serialization
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Runs that get more epochs after they began.
extension TrainerTests {
  /// More epochs than a run has are no place to stop; `until` within them is.
  @Test func untilEndsWithTheRun() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.configuration(directory)
    let run = RunDirectory(directory.path("run"))
    func problem(_ body: () throws -> RunResult?) throws -> String {
      let error = #expect(throws: TrainingError.self) { _ = try body() }
      return "\(try #require(error))"
    }
    let text = try problem { try Trainer.start(configuration, in: run, until: 5, holder: "a test") }
    #expect(text.contains("the run has 4 epochs") && text.contains("bulkhead resume \(run.path) --set epochs=5"))
    #expect(!FileSystem.exists(run.path))
    #expect(try Trainer.start(configuration, in: run, until: 1, holder: "a test") == nil)
    #expect(try problem { try Trainer(resuming: run).train(until: 5) } == text)
    #expect(try Trainer(resuming: run).train(until: 4)?.epochs == 4)
  }

  /// With a learning rate that does not depend on the run's length, an extended run is one of that length from the start.
  @Test(arguments: [nil, 7]) func anExtendedRunIsALongerOne(stop: Int?) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.schedule = Schedule()
    let run = try Self.run("run", directory, configuration)
    if let stop {
      #expect(throws: Interruption.self) { try Trainer(configuration, run: run).train { $0 == stop } }
    } else {
      try Trainer(configuration, run: run).train()
    }
    try Trainer(resuming: run, extendingTo: 6).train()
    var longer = configuration
    longer.epochs = 6
    let whole = try Self.run("whole", directory, longer)
    let result = try Trainer(longer, run: whole).train()
    #expect(try run.loadResult() == result && result?.epochs == 6)
    let (extended, from) = (try Checkpoint(reading: run.last), try Checkpoint(reading: whole.last))
    #expect(extended.parameters == from.parameters && extended.optimizer == from.optimizer)
    let lines = try MetricsLog.records(in: run.metrics).map { record in
      MetricsRecord(step: record.step, values: record.values.filter { $0.key != "epochs" })
    }
    #expect(try lines == MetricsLog.records(in: whole.metrics))
  }

  /// The file, the state and the log say that the run was extended; trained anew from that file, it comes to the same bits.
  @Test(arguments: [false, true]) func anExtensionIsRecorded(isValidated: Bool) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    if !isValidated { configuration.data.validationPerClass = 0 }
    let run = try Self.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    final class Warnings { var texts: [String] = [] }
    let warnings = Warnings()
    let trainer = try Trainer(resuming: run, extendingTo: 6) {
      if case .warning(let text) = $0 { warnings.texts.append(text) }
    }
    #expect(warnings.texts.count == 1)
    #expect(warnings.texts[0].hasPrefix("the run is extended from 4 to 6 epochs after step 20; its schedule cosine"))
    #expect(try run.loadResult() == nil)
    let recorded = try run.loadConfiguration()
    #expect(recorded.epochs == 6 && recorded.extensions == [RunExtension(afterStep: 20, epochs: 4)])
    // A kill right here leaves nothing undone.
    _ = trainer
    #expect(throws: Interruption.self) { try Trainer(resuming: run).train { $0 == 23 } }
    #expect(try Trainer(resuming: run, extendingTo: 6).train()?.epochs == 6)
    let state = try TrainingState(json: Checkpoint(reading: run.last).state, path: run.last)
    #expect(state.configuration == recorded)
    let records = try MetricsLog.records(in: run.metrics)
    #expect(records.map { $0.values["epochs"] } == [nil, nil, nil, nil, 6, 6])
    // The cosine of 4 epochs ends low; that of 6 goes on from there.
    let rates = records.compactMap { $0.values["learningRate"] }
    #expect(rates[3] < 0.001 && rates[4] > rates[3] && rates[5] < rates[4])

    let again = try Self.run("again", directory, recorded)
    try Trainer(recorded, run: again).train()
    #expect(try Self.bytes(again) == Self.bytes(run))
    #expect(try RunVerification(run).isGood)
    #expect(try Replay.prove(run).to == 30)
  }

  @Test func whatCannotBeExtendedIsRefused() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    let run = try Self.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    let before = try TextFile.read(run.configuration)
    func problem(_ run: RunDirectory, _ epochs: Int? = nil) throws -> String {
      let error = #expect(throws: TrainingError.self) { _ = try Trainer(resuming: run, extendingTo: epochs) }
      return "\(try #require(error))"
    }
    #expect(try problem(run, 3).contains("the run has 4 epochs; expected more for --set epochs"))
    #expect(try problem(run, 1_000_001).contains("up to 1000000"))
    #expect(try Trainer(resuming: run, extendingTo: 4).train()?.epochs == 4)
    #expect(try TextFile.read(run.configuration) == before)
    // An extension that someone writes into the file for steps that were made otherwise is a change.
    try TextFile.write(
      before.replacing("epochs: 4\n", with: "epochs: 9\nextensions:\n  - {afterStep: 3, epochs: 4}\n"),
      to: run.configuration)
    #expect(try problem(run).contains("was changed since the run started"))

    configuration.patience = 1
    (configuration.epochs, configuration.schedule, configuration.optimizer.learningRate) = (60, Schedule(), 0.3)
    let early = try Self.run("early", directory, configuration)
    try Trainer(configuration, run: early).train()
    #expect(try problem(early, 70).contains("early stopping ended the run after epoch"))
  }
}
