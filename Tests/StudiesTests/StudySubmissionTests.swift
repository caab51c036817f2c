import Foundation
import Studies
import Support
import Testing
import Training

@Suite struct StudySubmissionTests {
  private func jobs(_ workshop: ScriptedStudy, tasks: Int) throws -> [Submission.Job] {
    StudySubmission.jobs(try StudyProgress(reading: workshop.plan), tasks: tasks)
  }

  @Test func eachPhaseHasAsManyTasksAsItHasJobs() throws {
    let workshop = try ScriptedStudy()
    // 2 source models with their tests; 10 runs and 4 tests, of which those from a source are not open yet.
    #expect(
      try jobs(workshop, tasks: 100) == [
        .init(phase: .sources, tasks: 4), .init(phase: .runs, tasks: 14), .init(phase: .report, tasks: 1),
      ])
    #expect(try jobs(workshop, tasks: 3).map(\.tasks) == [3, 3, 1])
    _ = try workshop.run(shard: Shard(index: 1, count: 1), phase: .sources)
    #expect(try jobs(workshop, tasks: 3).map(\.phase) == [.runs, .report])
    #expect(try workshop.run().isEmpty)
    #expect(try jobs(workshop, tasks: 3) == [.init(phase: .report, tasks: 1)])
    // Derived datasets are made first.
    let shifted = try ScriptedStudy("domains=[{name: digits, source: a.h5, target: a.h5, shift: inverted}]")
    #expect(try jobs(shifted, tasks: 3).map(\.phase) == [.prepare, .sources, .runs, .report])
  }

  @Test func slurmIsToldTheOrderAndTheUsersWishes() throws {
    let study = try ScriptedStudy().plan.study
    var resources = StudySubmission.Resources()
    (resources.time, resources.partition, resources.memory) = ("2:00:00", "short", "4G")
    resources.options = ["--constraint=avx512"]
    let array = StudySubmission.arguments(
      .init(phase: .runs, tasks: 64), of: study, after: "12", in: "/a 100% place", resources: resources)
    #expect(
      array == [
        "--job-name=example-runs", "--ntasks=1", "--cpus-per-task=1", "--requeue", "--open-mode=append",
        "--signal=TERM@120", "--output=/a 100%% place/runs-%a.log", "--array=1-64", "--dependency=afterany:12",
        "--kill-on-invalid-dep=yes", "--time=2:00:00", "--partition=short", "--mem=4G", "--constraint=avx512",
        "/a 100% place/study.sh", "runs",
      ])
    let first = StudySubmission.arguments(
      .init(phase: .prepare, tasks: 1), of: study, after: nil, in: "/place", resources: .init())
    #expect(
      first == [
        "--job-name=example-prepare", "--ntasks=1", "--cpus-per-task=3", "--requeue", "--open-mode=append",
        "--signal=TERM@120", "--output=/place/prepare.log", "/place/study.sh", "prepare",
      ])
  }

  /// The forms of sbatch(1).
  @Test func timesAreSlurms() {
    let times = ["10": 600, "9:59": 599, "2:00:00": 7200, "1-12": 129_600, "1-0:30": 88_200, "1-0:0:1": 86_401]
    for (text, seconds) in times { #expect(StudySubmission.Resources.seconds(of: text) == seconds, "\(text)") }
    for text in ["", "infinite", "-", "1-", "a:b", "1:2:3:4", "1-2-3", "-5", "99999999999999999999"] {
      #expect(StudySubmission.Resources.seconds(of: text) == nil, "\(text)")
    }
  }

  /// A second one has a folder of its own; what failed before is tried again.
  @Test func aScriptIsWrittenAndDoesTheStudy() throws {
    let workshop = try ScriptedStudy()
    let source = workshop.plan.sources[0].directory
    try source.createDirectory()
    try TextFile.write("the roof is off\n", to: source.failure)
    #expect(SubmissionDirectory.newest(of: workshop.plan) == nil)
    let submission = StudySubmission(workshop.plan, file: "study.yaml")
    let (first, place) = try submission.submit(to: .script, tasks: 2, executable: "/bin/true")
    #expect(first.engine == .script && first.identifiers.isEmpty && first.jobs.map(\.tasks) == [2, 2, 1])
    #expect(FileManager.default.isExecutableFile(atPath: place.script))
    #expect(try place.load() == first && SubmissionDirectory.newest(of: workshop.plan) == place)
    #expect(source.loadFailure() == nil)
    let (_, second) = try submission.submit(to: .script, tasks: 2, executable: "/bin/true")
    #expect(second != place && SubmissionDirectory.newest(of: workshop.plan) == second)
    // Nothing of it is in a queue.
    #expect(try StudyQueue(of: workshop.plan) == nil)
    let error = #expect(throws: FileError.self) { try submission.cancel() }
    #expect(error?.kind == .missing)
  }

  @Test func theQueueIsShownBesideRuns() throws {
    let workshop = try ScriptedStudy()
    let submission = Submission(
      engine: .slurm,
      jobs: [
        .init(phase: .sources, tasks: 2, identifier: "7"), .init(phase: .runs, tasks: 2, identifier: "8"),
        .init(phase: .report, tasks: 1, identifier: "9"),
      ])
    let queue = StudyQueue(
      workshop.plan, submission,
      tasks: [
        QueuedTask(job: "7", task: 1, state: "RUNNING"), QueuedTask(job: "7", task: 2, state: "COMPLETED"),
        QueuedTask(job: "8", task: 1, state: "PENDING", reason: "Dependency"),
        QueuedTask(job: "8", task: 2, state: "PENDING", reason: "Dependency"),
      ])
    #expect(queue.active.map(\.identifier) == ["7", "8"])
    #expect(
      queue.summary == [
        ["sources", "7", "2", "1 running, 1 completed"], ["runs", "8", "2", "2 pending (Dependency)"],
        ["report", "9", "1", "not in the queue"],
      ])
    let claimed = RunDirectory(workshop.plan.sources[0].directory.file("claim"))
    try claimed.createDirectory()
    let name = try #require(
      StudyQueue.holder(environment: ["SLURM_JOB_ID": "10", "SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "1"]))
    #expect(StudyQueue.holder(environment: ["SLURM_JOB_ID": "10"]) == "Slurm task 10")
    #expect(StudyQueue.holder(environment: [:]) == nil)
    let lock = try claimed.lock(for: name)
    let rows = StudyStatus(try StudyProgress(reading: workshop.plan)).rows
    #expect(queue.state(of: rows[0]) == "7_1 running" && queue.state(of: rows[1]) == "7 waiting")
    #expect(queue.state(of: rows[2]) == "8 pending")
    _ = consume lock
    #expect(queue.state(of: rows[0]) == "7 waiting")
    #expect(try workshop.run().isEmpty)
    let done = StudyStatus(try StudyProgress(reading: workshop.plan)).rows
    #expect(done.allSatisfy { queue.state(of: $0).isEmpty })
  }
}
