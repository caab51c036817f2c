import Foundation
import Studies
import StudyTestSupport
import Support
import Testing
import Training

@Suite struct StudyRunnerTests {
  /// Leaves a mark for the script in a run's directory.
  private func mark(_ run: PlannedRun, _ name: String) throws {
    try run.create()
    try TextFile.write("", to: run.directory.file(name))
  }

  /// The runs that a cell's search begins with.
  private func runs(of index: Int, in plan: StudyPlan) throws -> [PlannedRun] {
    guard case .searching(let runs) = try StudyProgress(reading: plan).states[index] else { return [] }
    return runs
  }

  private func results(_ plan: StudyPlan) throws -> StudyResults {
    try StudyResults(StudyProgress(reading: plan), costs: NetworkCosts(of: plan))
  }

  private let scratch = StudyResults.Condition("fc", from: nil, on: "shirts")

  @Test func everyJobIsDoneOnceAndNeverAgain() throws {
    let workshop = try ScriptedStudy()
    #expect(try workshop.run().isEmpty)
    let calls = try workshop.calls
    // 2 source models with their tests; 4 cells of 2 or 3 rates with their tests.
    #expect(calls.count == 2 + 2 + 2 * 2 + 2 * 3 + 4)
    #expect(Set(calls).count == calls.count)
    let plan = workshop.plan
    let progress = try StudyProgress(reading: plan)
    for (index, cell) in plan.cells.enumerated() {
      let selection = try #require(progress.selection(of: index))
      guard let source = cell.sourceModel, let first = selection.runs.first else { continue }
      let sourceCall = try #require(calls.firstIndex(of: "resume \(source.directory.path)"))
      #expect(try #require(calls.firstIndex(of: "resume \(first.directory.path)")) > sourceCall)
    }
    #expect(try results(plan).accuracies(scratch) == [0.5])
    let table = try RunTable(progress, costs: NetworkCosts(of: plan))
    #expect(table.rows.map { $0[0] } == progress.runs.map(\.name))
    #expect(try workshop.run().isEmpty)
    #expect(try workshop.calls == calls)
  }

  @Test func aFailedRunIsNamedStopsNobodyAndIsTriedAgain() throws {
    let workshop = try ScriptedStudy()
    let plan = workshop.plan
    let source = plan.sources[1]
    try mark(source, "broken")
    let failures = try workshop.run()
    #expect(failures.first?.reason == "bulkhead: the roof is off")
    #expect(try TextFile.read(source.directory.failure).contains("the roof is off"))
    // With the source model fall its test and the runs of the one cell that begins with it.
    #expect(failures.count == 1 + 1 + 3)
    let gap = StudyResults.Condition("gap", from: "digits", on: "shirts")
    #expect(try results(plan).accuracies(.init("gap", from: nil, on: "shirts")) == [0.5])
    #expect(try results(plan).accuracies(gap).isEmpty)
    #expect(try results(plan).effects(of: "fc", over: "gap", from: "digits", on: "shirts").isEmpty)

    try FileSystem.remove(source.directory.file("broken"))
    #expect(try workshop.run().isEmpty)
    #expect(try results(plan).effects(of: "fc", over: "gap", from: "digits", on: "shirts") == [0])
    #expect(!FileManager.default.fileExists(atPath: source.directory.failure))
  }

  @Test func aRunThatDivergesLosesTheSelection() throws {
    let workshop = try ScriptedStudy()
    let runs = try runs(of: 0, in: workshop.plan)
    for run in runs.dropLast() { try mark(run, "wild") }
    #expect(try workshop.run().isEmpty)
    let progress = try StudyProgress(reading: workshop.plan)
    #expect(progress.selection(of: 0)?.chosen == runs.last)
    #expect(try results(workshop.plan).accuracies(scratch) == [0.5])
  }

  @Test func whereEveryRunDivergesTheScoreIsZeroAndNothingIsTested() throws {
    let workshop = try ScriptedStudy()
    let runs = try runs(of: 0, in: workshop.plan)
    for run in runs { try mark(run, "wild") }
    #expect(try workshop.run().isEmpty)
    #expect(try results(workshop.plan).accuracies(scratch) == [0])
    #expect(try workshop.calls.allSatisfy { call in !runs.contains { call == "evaluate \($0.directory.path)" } })
    let calls = try workshop.calls
    #expect(try workshop.run().isEmpty)
    #expect(try workshop.calls == calls)
  }

  @Test func aProcessStoppedFromOutsideIsRestarted() throws {
    let workshop = try ScriptedStudy()
    let source = workshop.plan.sources[0]
    try mark(source, "stopped")
    #expect(try workshop.run().isEmpty)
    #expect(try workshop.calls.count { $0 == "resume \(source.directory.path)" } == 2)
  }

  @Test func aRunThatIsDoneKeepsItsWeightsAlone() throws {
    let workshop = try ScriptedStudy()
    #expect(try workshop.run().isEmpty)
    let progress = try StudyProgress(reading: workshop.plan)
    let runs = progress.runs
    #expect(runs.contains { $0.learningRate != nil })
    for run in runs {
      // More arms may begin with a source model, more epochs go on from it.
      #expect(run.directory.hasCheckpoint == (run.learningRate == nil))
      #expect(FileManager.default.fileExists(atPath: run.directory.best))
    }
  }

  @Test func spentCheckpointsGoAndChosenWeightsStayIfAsked() throws {
    for keeps in [true, false] {
      let workshop = try ScriptedStudy("keepWeights=\(keeps)")
      _ = try workshop.run()
      let progress = try StudyProgress(reading: workshop.plan)
      for run in progress.runs {
        try TextFile.write("", to: run.directory.last)
        try TextFile.write("", to: run.directory.best)
      }
      try progress.removeSpentCheckpoints()
      for source in workshop.plan.sources { #expect(source.directory.hasCheckpoint) }
      for index in workshop.plan.cells.indices {
        let selection = try #require(progress.selection(of: index))
        for run in selection.runs {
          #expect(!run.directory.hasCheckpoint)
          #expect(FileManager.default.fileExists(atPath: run.directory.best) == (keeps && run == selection.chosen))
        }
      }
    }
  }

  /// Folds are trained and never tested; the refit of each cell is tested once.
  @Test func foldsAreTrainedAndRefitsTested() throws {
    let workshop = try ScriptedStudy("search={folds: 2, extensions: 0, doublings: 0}")
    #expect(try workshop.run().isEmpty)
    let calls = try workshop.calls
    // 2 source models with their tests; 4 cells of 2 or 3 rates of two folds, a refit and a test.
    #expect(calls.count == 2 + 2 + 2 * 4 + 2 * 6 + 4 + 4)
    #expect(Set(calls).count == calls.count)
    let progress = try StudyProgress(reading: workshop.plan)
    for run in progress.runs where run.fold != nil {
      #expect(calls.contains("resume \(run.directory.path)"))
      #expect(!calls.contains("evaluate \(run.directory.path)"))
    }
    for index in workshop.plan.cells.indices {
      let refit = try #require(progress.selection(of: index)).chosen
      #expect(refit.fold == nil && calls.contains("evaluate \(refit.directory.path)"))
    }
    let rows = try CSVText.rows(
      of: try RunTable(progress, costs: NetworkCosts(of: workshop.plan)).csv.text, path: "runs.csv")
    let fold = try #require(rows[0].firstIndex(of: "fold"))
    #expect(rows.count == 1 + 2 + 2 * 4 + 2 * 6 + 4 && rows.allSatisfy { $0.count == rows[0].count })
    #expect(rows.count { $0[fold] == "1/2" } == 10 && rows.count { $0[fold] == "2/2" } == 10)
    #expect(try workshop.run().isEmpty)
    #expect(try workshop.calls == calls)
  }

  @Test func shardsShareTheWorkAndHelpEachOther() throws {
    let workshop = try ScriptedStudy()
    let shards = [Shard(index: 1, count: 2), Shard(index: 2, count: 2)].compactMap { $0 }
    #expect(shards.count == 2 && Shard(index: 3, count: 2) == nil && Shard(index: 0, count: 1) == nil)
    #expect(try workshop.run(shard: shards[0]).isEmpty)
    let calls = try workshop.calls
    #expect(Set(calls).count == calls.count && calls.count == 18)
    #expect(try workshop.run(shard: shards[1]).isEmpty)
    #expect(try workshop.calls == calls)
  }

  @Test func phasesDoTheirOwnJobs() throws {
    let (workshop, first) = (try ScriptedStudy(), Shard(index: 1, count: 2))
    // Without source models, cells from scratch alone.
    #expect(try workshop.run(shard: first, phase: .runs).isEmpty)
    let sources = Set(workshop.plan.sources.map(\.directory.path))
    #expect(try workshop.calls.count == 2 + 3 + 2)
    #expect(try workshop.calls.allSatisfy { call in !sources.contains { call.hasSuffix($0) } })
    #expect(try workshop.run(shard: first, phase: .sources).isEmpty)
    #expect(try workshop.calls.count == 2 + 3 + 2 + 4)
    #expect(try workshop.run(shard: Shard(index: 2, count: 2), phase: .runs).isEmpty)
    let calls = try workshop.calls
    #expect(calls.count == 18 && Set(calls).count == 18)
    #expect(try workshop.run().isEmpty)
    #expect(try workshop.calls == calls)
  }

  /// Every task would try a run that always fails; the next submission does.
  @Test func aRunThatFailedInOneTaskIsLeftByTheOthers() throws {
    let (workshop, shard) = (try ScriptedStudy(), Shard(index: 1, count: 2))
    let source = workshop.plan.sources[1]
    try mark(source, "broken")
    let failures = try workshop.run(shard: shard, phase: .sources)
    #expect(failures.map(\.reason) == ["bulkhead: the roof is off"])
    let calls = try workshop.calls
    #expect(try workshop.run(shard: Shard(index: 2, count: 2), phase: .sources).isEmpty)
    #expect(try workshop.calls == calls)
    #expect(try workshop.run(shard: shard, phase: .runs).isEmpty)
    let gap = StudyResults.Condition("gap", from: "digits", on: "shirts")
    #expect(try results(workshop.plan).accuracies(gap).isEmpty)
    #expect(try results(workshop.plan).accuracies(scratch) == [0.5])
  }

  /// What waits for others alone needs no task that waits too.
  @Test func aTaskEndsWhenOthersDoAllThatIsLeft() throws {
    let workshop = try ScriptedStudy()
    let source = workshop.plan.sources[0]
    let claim = RunDirectory(source.directory.file("claim"))
    try claim.createDirectory()
    let lock = try claim.lock(for: "Slurm task 7_2")
    #expect(try workshop.run(shard: Shard(index: 1, count: 2), phase: .sources).isEmpty)
    #expect(try workshop.calls.count == 2)
    #expect(try workshop.calls.allSatisfy { !$0.hasSuffix(source.directory.path) })
    _ = consume lock
    #expect(try workshop.run(shard: Shard(index: 1, count: 2), phase: .sources).isEmpty)
    #expect(try workshop.calls.count == 4)
  }

  @Test func aRunThatASchedulerKillsIsResumed() throws {
    let workshop = try ScriptedStudy()
    let source = workshop.plan.sources[0]
    try mark(source, "killed")
    #expect(try workshop.run(shard: Shard(index: 1, count: 1), phase: .sources).isEmpty)
    #expect(try workshop.calls.count { $0 == "resume \(source.directory.path)" } == 2)
  }

  @Test func otherSeedsTakeTheLearningRateOfTheFirst() throws {
    let workshop = try ScriptedStudy("seeds=[1, 2]", "search={seeds: 1, extensions: 0, doublings: 0}")
    #expect(try workshop.run().isEmpty)
    // Two seeds of source models and tests; at the first seed 2 + 2 + 3 + 3 rates, at the second one each.
    #expect(try workshop.calls.count == 4 + 4 + 10 + 4 + 8)
    let progress = try StudyProgress(reading: workshop.plan)
    for group in workshop.plan.groups {
      let (first, own) = (progress.selection(of: group[0]), progress.selection(of: group[1]))
      #expect(own?.chosen.learningRate == first?.chosen.learningRate && own?.runs.count == 1)
    }
  }

  /// Every result of the script is the same, so that twice the epochs gain nothing.
  @Test func epochsAreDoubledOnceWhereThatGainsNothing() throws {
    let workshop = try ScriptedStudy("search={extensions: 0, doublings: 3}")
    #expect(try workshop.run().isEmpty)
    #expect(try workshop.calls.count == 2 + 2 + 2 * 2 + 2 * 3 + 4 + 4)
    let progress = try StudyProgress(reading: workshop.plan)
    for index in workshop.plan.cells.indices {
      let selection = try #require(progress.selection(of: index))
      #expect(selection.setting.epochs == 3 && selection.runs.last?.configuration.epochs == 6)
      #expect(selection.chosen.configuration.epochs == 3 && selection.openGain == 0)
    }
  }

  /// Another run's directory under a run's name is an error, not its result.
  @Test func theResultOfAnotherRunIsRefused() throws {
    let workshop = try ScriptedStudy()
    #expect(try workshop.run().isEmpty)
    let run = try #require(try StudyProgress(reading: workshop.plan).runs.last)
    try TextFile.write("0123456789abcdef\n", to: run.directory.identity)
    #expect(throws: FileError.self) { try workshop.run() }
    do { _ = try workshop.run() } catch {
      #expect("\(error)".contains("it holds the run 0123456789abcdef; expected the run \(run.identity)"), "\(error)")
    }
  }
}
