import Studies
import StudyTestSupport
import Support
import TestSupport
import Testing
import Training

@Suite struct ProgressReaderTests {
  private func finish(_ run: PlannedRun) throws {
    try run.create()
    try JSONFile.write(
      RunResult(epochs: 1, steps: 2, bestEpoch: 1, validation: ["accuracy": 0.5, "loss": 1]),
      to: run.directory.result)
  }

  /// A snapshot says the same whenever it is asked; the reader sees what is new once it is to look again.
  @Test func aSnapshotStaysAndAReaderLooksWhenAsked() throws {
    let directory = try TemporaryDirectory()
    let plan = try StudyPlan(exampleStudy(), path: "study.yaml", directory: directory.path("study"))
    let reader = ProgressReader(plan)
    let before = try reader.progress()
    #expect(before.entries.count == plan.sources.count + plan.cells.count)
    let (source, other) = (plan.sources[0], plan.sources[1])
    for run in [source, other] { try finish(run) }
    #expect(before.result(of: source) == nil && before.jobs.done.isEmpty)
    #expect(try reader.progress().jobs.done.isEmpty)
    reader.look(for: source)
    #expect(try reader.progress().jobs.done.map(\.run) == [source])
    reader.look()
    let after = try reader.progress()
    #expect(after.jobs.done.map(\.run) == [source, other])
    #expect(after.jobs.done.count + after.jobs.open.count == before.jobs.open.count)
    // What was found is kept, though it is gone.
    try FileSystem.remove(source.directory.result)
    reader.look()
    #expect(try reader.progress().result(of: source) != nil)
    #expect(before.result(of: source) == nil && after.result(of: source) != nil)
  }
}
