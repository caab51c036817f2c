import Bulkhead
import Synchronization
import Testing

@Suite struct ErrorTests {
  @Test func configurationsNameTheKeyThatIsWrong() throws {
    let configuration = TrainingConfiguration(dataset: "a.h5")
    #expect(try configuration.setting("epochs", to: "3").epochs == 3)
    #expect(try TrainingConfiguration(yaml: configuration.yaml) == configuration)
    for (key, value) in [("epoch", "3"), ("epochs", "many"), ("optimizer.learningRate", "[]"), ("", "1")] {
      let error = #expect(throws: BulkheadError.self) { try configuration.setting(key, to: value) }
      #expect(error?.kind == .invalid)
      #expect(error?.message.contains(key) == true)
    }
    #expect(kind { () throws(BulkheadError) in _ = try TrainingConfiguration(opening: "nowhere.yaml") } == .missing)
    var endless = configuration
    endless.learningRate = .infinity
    #expect(kind { () throws(BulkheadError) in _ = try endless.yaml } == .invalid)
  }

  @Test func runsSayWhatIsWrong() async throws {
    try await Workspace.with { workspace in
      let run = TrainingRun(directory: workspace.file("run"))
      var configuration = try workspace.configuration(epochs: 1)
      func kindOfStart() -> BulkheadError.Kind? {
        kind { () throws(BulkheadError) in try run.start(configuration, isCancelled: { false }) }
      }
      #expect(kindOfStart() == .missing)
      #expect(kind { () throws(BulkheadError) in try run.resume(isCancelled: { false }) } == .missing)
      #expect(kind { () throws(BulkheadError) in _ = try run.evaluate(isCancelled: { false }) } == .missing)
      try workspace.makeDataset()
      configuration.epochs = 0
      #expect(kindOfStart() == .invalid)
      #expect(!run.isBegun)
      configuration.epochs = 1
      #expect(kindOfStart() == nil)
      #expect(kindOfStart() == .exists)
      try workspace.write("epochs: 1\n", to: "run/configuration.yaml")
      #expect(kind { () throws(BulkheadError) in try run.resume(isCancelled: { false }) } == .invalid)
    }
  }

  @Test func aRunThatDivergesSaysSo() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      var configuration = try workspace.configuration(epochs: 1)
      configuration.learningRate = 1e30
      let run = TrainingRun(directory: workspace.file("run"))
      let error = #expect(throws: BulkheadError.self) { try run.start(configuration, isCancelled: { false }) }
      #expect(error?.kind == .diverged)
      #expect(try run.outcome()?.divergedAt != nil)
    }
  }

  @Test func aDirectoryTakesOneAtATime() async throws {
    try await Workspace.with { workspace in
      try workspace.makeDataset()
      let run = TrainingRun(directory: workspace.file("run"))
      let configuration = try workspace.configuration(epochs: 1)
      let second = Mutex<BulkheadError.Kind?>(nil)
      try await run.start(configuration) { progress in
        guard case .epoch = progress else { return }
        let found = kind { () throws(BulkheadError) in _ = try run.verify(isCancelled: { false }) }
        second.withLock { $0 = found }
      }
      #expect(second.withLock { $0 } == .locked)
    }
  }
}
