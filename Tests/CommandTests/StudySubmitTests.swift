import Foundation
import Testing

/// `study submit`, `status` and `cancel` with the real program, and scripts in place of Slurm's programs.
@Suite struct StudySubmitTests {
  /// Programs that number jobs, note their arguments, and show what the file `queue` holds.
  private func makeSlurm(in directory: String, refusing phase: String = "none") throws {
    let programs = [
      "sbatch": """
      echo "sbatch $*" >> calls
      case "$*" in *\(phase)) echo "sbatch: error: invalid partition specified: nowhere" >&2; exit 1 ;; esac
      echo $((100 + $(grep -c sbatch calls)))
      """,
      "squeue":
        "echo \"squeue $*\" >> calls\ncat queue 2> /dev/null || { echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1; }",
      "scancel": "echo \"scancel $*\" >> calls; rm -f queue",
      "sacct": "echo 'Slurm accounting storage is disabled' >&2; exit 1",
    ]
    try FileManager.default.createDirectory(atPath: directory + "/bin", withIntermediateDirectories: true)
    for (name, text) in programs {
      try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: directory + "/\(name).text"))
      let copy = try Process.run(
        URL(fileURLWithPath: "/usr/bin/install"),
        arguments: ["-m", "755", directory + "/\(name).text", directory + "/bin/\(name)"])
      copy.waitUntilExit()
    }
  }

  private func study(_ arguments: String..., in directory: String) throws -> Command {
    try Command(
      ["study"] + arguments, in: directory, environment: ["PATH": directory + "/bin:/usr/bin:/bin"])
  }

  private func calls(in directory: String) throws -> [String] {
    let data = try Data(contentsOf: URL(fileURLWithPath: directory + "/calls"))
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func aStudyIsSubmittedShownAndCancelled() throws {
    try withDirectory { directory in
      try StudyCommandTests().makeStudy(in: directory)
      try makeSlurm(in: directory)
      let submit = try study(
        "submit", "small.yaml", "--engine", "slurm", "--array", "3", "--time", "1:00:00", in: directory)
      #expect(submit.status == 0, "\(submit.errors)")
      let sent = try calls(in: directory).filter { $0.hasPrefix("sbatch") }
      #expect(sent.count == 4)
      #expect(sent[0].hasSuffix("prepare") && !sent[0].contains("--array") && !sent[0].contains("--dependency"))
      #expect(sent[1].contains("--array=1-3") && sent[1].contains("--dependency=afterany:101"))
      #expect(sent[2].contains("--array=1-3") && sent[2].contains("--dependency=afterany:102"))
      #expect(sent[3].contains("--dependency=afterany:103") && sent[3].hasSuffix("report"))
      #expect(sent.allSatisfy { $0.contains("--time=1:00:00") && $0.contains("--parsable") })
      // Long gone for Slurm: it may be submitted again, and status says what it does not know.
      let gone = try study("status", "small.yaml", in: directory)
      #expect(gone.status == 0 && gone.output.contains("not in the queue"))
      #expect(gone.errors.contains("Slurm accounting storage is disabled"))

      try Data("102_1|RUNNING|None\n102_2|PENDING|Resources\n103_1|PENDING|Dependency\n104|PENDING|Dependency\n".utf8)
        .write(to: URL(fileURLWithPath: directory + "/queue"))
      let status = try study("status", "small.yaml", in: directory)
      #expect(status.output.contains("102 waiting") && status.output.contains("103 pending"))
      #expect(status.output.contains("1 running, 1 pending (Resources)"), "\(status.output)")
      let again = try study("submit", "small.yaml", "--engine", "slurm", in: directory)
      #expect(again.status == 75 && again.errors.contains("in Slurm's queue already, as 102, 103, 104"))

      let cancel = try study("cancel", "small.yaml", in: directory)
      #expect(cancel.status == 0 && cancel.output.contains("runs (job 103)"), "\(cancel.errors)")
      #expect(try calls(in: directory).last == "scancel 104 103 102")
      let none = try study("cancel", "small.yaml", in: directory)
      #expect(none.status == 0 && none.output == "nothing of the study is in the queue\n")
      // The old jobs cannot be asked for, and a script needs no Slurm.
      let script = try Command(
        ["study", "submit", "small.yaml", "--engine", "script"], in: directory, environment: ["PATH": "/usr/bin:/bin"])
      #expect(script.status == 0, "\(script.errors)")
    }
  }

  /// It would be warned before it gets anywhere, again and again.
  @Test func aTimeLimitThatIsTooShortIsRefused() throws {
    try withDirectory { directory in
      try StudyCommandTests().makeStudy(in: directory)
      try makeSlurm(in: directory)
      let submit = try study("submit", "small.yaml", "--engine", "slurm", "--time", "9:59", in: directory)
      #expect(
        submit.status == 65 && submit.errors.contains("--time 9:59: 599 seconds are too short"), "\(submit.errors)")
      #expect(!FileManager.default.fileExists(atPath: directory + "/calls"))
    }
  }

  @Test func whatSlurmRefusesLeavesNothingInTheQueue() throws {
    try withDirectory { directory in
      try StudyCommandTests().makeStudy(in: directory)
      try makeSlurm(in: directory, refusing: "runs")
      let submit = try study("submit", "small.yaml", "--engine", "slurm", "--partition", "nowhere", in: directory)
      #expect(submit.status == 74 && submit.errors == "bulkhead: sbatch: error: invalid partition specified: nowhere\n")
      #expect(try calls(in: directory).last == "scancel 102 101")
      let cancel = try study("cancel", "small.yaml", in: directory)
      #expect(cancel.status == 66 && cancel.errors.contains("nothing of it was submitted to Slurm"))
    }
  }

  @Test func withoutSlurmAScriptDoesIt() throws {
    try withDirectory { directory in
      try StudyCommandTests().makeStudy(in: directory)
      try FileManager.default.createDirectory(atPath: directory + "/bin", withIntermediateDirectories: true)
      let arguments = ["study", "submit", "small.yaml", "--engine"]
      let slurm = try Command(arguments + ["slurm"], in: directory, environment: ["PATH": directory + "/bin"])
      #expect(slurm.status == 66 && slurm.errors.contains("use --engine script or local"), "\(slurm.errors)")
      let wish = try study("submit", "small.yaml", "--engine", "script", "--time", "1:00", in: directory)
      #expect(wish.status == 64 && wish.errors.contains("--time: only with --engine slurm"))

      let script = try study("submit", "small.yaml", "--engine", "script", "--array", "2", in: directory)
      #expect(script.status == 0, "\(script.errors)")
      let path = "checkpoints/small/submissions/1/study.sh"
      #expect(script.output.contains(path), "\(script.output)")
      let run = try Command(of: URL(fileURLWithPath: directory + "/" + path), in: "/")
      #expect(run.status == 0 && run.output.contains("Demonstration, no verdict"), "\(run.errors)")

      try withDirectory { whole in
        try StudyCommandTests().makeStudy(in: whole)
        let local = try study("submit", "small.yaml", "--engine", "local", "--array", "2", in: whole)
        #expect(local.status == 0, "\(local.errors)")
        #expect(try StudyCommandTests().table(in: directory) == StudyCommandTests().table(in: whole))
      }
    }
  }
}
