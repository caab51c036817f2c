import Foundation
import Studies
import Support
import Testing

/// The scripts, done by `sh` with stand-ins for `bulkhead` and Slurm's programs.
@Suite struct SubmissionScriptTests {
  /// A folder with the script and a `bulkhead` that notes its arguments, and ends with a code by phase.
  private final class Workshop {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + " it's").path
    let script: SubmissionScript

    init(_ engine: Submission.Engine, codes: [StudyPhase: Int] = [:]) throws {
      script = SubmissionScript(
        name: "example", folder: folder, executable: folder + "/bulkhead", file: "a 'study'.yaml", directory: "$HOME/*",
        submission: Submission(
          engine: engine,
          jobs: [
            .init(phase: .prepare, tasks: 1), .init(phase: .sources, tasks: 2), .init(phase: .runs, tasks: 3),
            .init(phase: .report, tasks: 1),
          ]))
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try TextFile.write(script.text, to: folder + "/study.sh")
      let ends = codes.map { "case \"$7\" in \($0.rawValue)) exit \($1) ;; esac" }.joined(separator: "\n")
      try program("bulkhead", "for word in \"$@\"; do printf '%s|' \"$word\"; done >> calls; echo >> calls\n\(ends)")
      try program("srun", "shift 2; exec \"$@\"")
      try program("scontrol", "echo \"scontrol $*\" >> calls")
    }

    private func program(_ name: String, _ text: String) throws {
      try TextFile.write("#!/bin/sh\n" + text + "\n", to: folder + "/\(name).text")
      // Copied by another process: the kernel runs no file that a forked child holds open for writing.
      let copy = try Process.run(
        URL(fileURLWithPath: "/usr/bin/install"),
        arguments: ["-m", "755", folder + "/\(name).text", folder + "/\(name)"])
      copy.waitUntilExit()
    }

    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [folder + "/study.sh"] + arguments
      process.environment = ["PATH": folder + ":/usr/bin:/bin"].merging(environment) { $1 }
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }

    var calls: [String] { (try? TextFile.read(folder + "/calls").split(separator: "\n").map(String.init)) ?? [] }

    func call(_ phase: String, _ share: String) -> String {
      "study|work|a 'study'.yaml|--directory|$HOME/*|--phase|\(phase)|--shard|\(share)|"
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
  }

  @Test func aScriptDoesOneTaskOrAllInOrder() throws {
    let workshop = try Workshop(.script)
    #expect(try workshop.run("runs", "2") == 0)
    #expect(workshop.calls == [workshop.call("runs", "2/3")])
    #expect(try workshop.run("nothing") == 64)
    #expect(try workshop.run() == 0)
    #expect(
      workshop.calls.dropFirst() == [
        workshop.call("prepare", "1/1"), workshop.call("sources", "1/2"), workshop.call("sources", "2/2"),
        workshop.call("runs", "1/3"), workshop.call("runs", "2/3"), workshop.call("runs", "3/3"),
        workshop.call("report", "1/1"),
      ])
  }

  /// A failed task stops no other; a stopped one stops all.
  @Test func theCodeOfAScriptIsThatOfItsTasks() throws {
    let failing = try Workshop(.script, codes: [.sources: 70])
    #expect(try failing.run() == 70)
    #expect(failing.calls.count == 7)
    let stopped = try Workshop(.script, codes: [.sources: 75])
    #expect(try stopped.run() == 75)
    #expect(stopped.calls.count == 2)
  }

  @Test func aTaskOfSlurmThatWasStoppedGoesBackToTheQueue() throws {
    let done = try Workshop(.slurm)
    #expect(try done.run("runs", environment: ["SLURM_ARRAY_TASK_ID": "3", "SLURM_JOB_ID": "12"]) == 0)
    #expect(try done.run("report", environment: ["SLURM_JOB_ID": "13"]) == 0)
    #expect(done.calls == [done.call("runs", "3/3"), done.call("report", "1/1")])

    let stopped = try Workshop(.slurm, codes: [.sources: 75, .runs: 70])
    let place = ["SLURM_ARRAY_TASK_ID": "2", "SLURM_JOB_ID": "12"]
    #expect(try stopped.run("sources", environment: place) == 75)
    #expect(stopped.calls == [stopped.call("sources", "2/2"), "scontrol requeue 12"])
    // Not without end, and not where it failed.
    #expect(
      try stopped.run("sources", environment: place.merging(["SLURM_RESTART_COUNT": "100"]) { $1 }) == 75)
    #expect(try stopped.run("runs", environment: place) == 70)
    #expect(stopped.calls.dropFirst(2) == [stopped.call("sources", "2/2"), stopped.call("runs", "2/3")])
  }
}
