import Foundation
import Studies
import Tensors
import Testing
import Training

/// A study of one target and one seed, worked on by a shell script in the place of `bulkhead`.
private final class Workshop {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  let plan: StudyPlan

  init() throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let study = try exampleStudy("targets=[{name: shirts, path: shirts.h5}]", "seeds=[1]", "workers=3")
    plan = try StudyPlan(study, path: "study.yaml", directory: directory + "/study")
    var tally = EvaluationTally(classNames: ["a", "b"])
    tally.add(logits: .init([1, 0, 1, 0], shape: [2, 2]), labels: [0, 1])
    let evaluation = RunEvaluation(
      weights: "best",
      domains: [
        DomainEvaluation(
          name: "a", path: "a.h5", split: "test", report: tally.report, drop: .none(reason: "none"))
      ])
    try RunDirectory.writeJSON(evaluation, to: directory + "/test.json")
    try RunDirectory.writeJSON(
      RunResult(epochs: 1, steps: 2, bestEpoch: 1, validationAccuracy: 0.5, validationLoss: 1),
      to: directory + "/result.json")
    try RunDirectory.writeJSON(RunResult(divergedAt: 3), to: directory + "/diverged.json")
    // Notes each job, fails where a file asks for it, and else does as a run or an evaluation would.
    try RunDirectory.write(
      """
      #!/bin/sh
      # Whole or not at all, as the runner looks at files while others are written.
      put() { cp "$1" "$2.draft" && mv "$2.draft" "$2"; }
      echo "$1 $2" >> "\(directory)/calls"
      if [ -e "$2/wild" ]; then put "\(directory)/diverged.json" "$2/result.json"; exit 65; fi
      if [ -e "$2/broken" ]; then echo "bulkhead: the roof is off" >&2; exit 65; fi
      case $1 in
        resume) put "\(directory)/result.json" "$2/result.json" ;;
        evaluate) put "\(directory)/test.json" "$8" ;;
      esac
      """, to: directory + "/bulkhead")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory + "/bulkhead")
  }

  func run() throws -> [StudyRunner.Failure] {
    var runner = StudyRunner(plan, executable: directory + "/bulkhead")
    return try runner.run { _ in }
  }

  var calls: [String] {
    get throws { try RunDirectory.read(directory + "/calls").split(separator: "\n").map(String.init) }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }
}

@Suite struct StudyRunnerTests {
  @Test func everyJobIsDoneOnceAndNeverAgain() throws {
    let workshop = try Workshop()
    #expect(try workshop.run().isEmpty)
    let calls = try workshop.calls
    // 2 source models with their tests; 4 cells of 2 or 3 rates with their tests.
    #expect(calls.count == 2 + 2 + 2 * 2 + 2 * 3 + 4)
    #expect(Set(calls).count == calls.count)
    let plan = workshop.plan
    for cell in plan.cells {
      guard let source = cell.source, let first = cell.runs.first else { continue }
      let sourceCall = try #require(calls.firstIndex(of: "resume \(source.path)"))
      #expect(try #require(calls.firstIndex(of: "resume \(first.directory.path)")) > sourceCall)
    }
    #expect(try StudyResults(plan).accuracy(of: "fc", on: "shirts", from: .scratch)?.mean == 0.5)
    try plan.writeTable()
    #expect(try RunDirectory.read(plan.table).split(separator: "\n").count == 1 + plan.runs.count)
    #expect(try workshop.run().isEmpty)
    #expect(try workshop.calls == calls)
  }

  @Test func aFailedRunIsNamedStopsNobodyAndIsTriedAgain() throws {
    let workshop = try Workshop()
    let plan = workshop.plan
    let source = plan.sources[1].directory
    try FileManager.default.createDirectory(atPath: source.path, withIntermediateDirectories: true)
    try RunDirectory.write("", to: source.file("broken"))
    let failures = try workshop.run()
    #expect(failures.first?.reason == "bulkhead: the roof is off")
    #expect(try RunDirectory.read(source.failure).contains("the roof is off"))
    // With the source model fall its test and the one pretrained cell that begins with it.
    #expect(failures.count == 1 + 1 + plan.cells.reduce(0) { $0 + ($1.source == source ? $1.runs.count + 1 : 0) })
    let results = try StudyResults(plan)
    #expect(results.accuracy(of: "gap", on: "shirts", from: .scratch)?.mean == 0.5)
    #expect(results.accuracy(of: "gap", on: "shirts", from: .pretrained) == nil)
    #expect(results.gainDifference(of: "fc", over: "gap", on: "shirts") == nil)

    try RunDirectory.remove(source.file("broken"))
    #expect(try workshop.run().isEmpty)
    #expect(try StudyResults(plan).gainDifference(of: "fc", over: "gap", on: "shirts")?.mean == 0)
    #expect(!FileManager.default.fileExists(atPath: source.failure))
  }

  @Test func aRunThatDivergesLosesTheSelection() throws {
    let workshop = try Workshop()
    let cell = workshop.plan.cells[0]
    for run in cell.runs.dropLast() {
      try FileManager.default.createDirectory(atPath: run.directory.path, withIntermediateDirectories: true)
      try RunDirectory.write("", to: run.directory.file("wild"))
    }
    #expect(try workshop.run().isEmpty)
    #expect(try cell.selection()?.chosen == cell.runs.last)
    #expect(try StudyResults(workshop.plan).accuracy(of: "fc", on: "shirts", from: cell.start)?.mean == 0.5)
  }

  @Test func spentCheckpointsGoAndChosenWeightsStay() throws {
    let workshop = try Workshop()
    let plan = workshop.plan
    _ = try workshop.run()
    for run in plan.runs {
      try RunDirectory.write("", to: run.directory.last)
      try RunDirectory.write("", to: run.directory.best)
    }
    try plan.removeSpentCheckpoints()
    for source in plan.sources { #expect(source.directory.hasCheckpoint) }
    for cell in plan.cells {
      let chosen = try #require(try cell.selection()).chosen
      for run in cell.runs {
        #expect(!run.directory.hasCheckpoint)
        #expect(FileManager.default.fileExists(atPath: run.directory.best) == (run == chosen))
      }
    }
  }
}
