import Foundation
import Studies
import StudyTestSupport
import Support
import Tensors
import Training

/// A study of one target and one seed, run by a shell script in place of `bulkhead`.
final class ScriptedStudy {
  let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  let plan: StudyPlan

  /// - Parameter changes: of the study, beside one source, one target and one seed.
  init(_ changes: String...) throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let study = try exampleStudy(
      ["domains=[{name: digits, source: digits.h5}, {name: shirts, target: shirts.h5}]", "seeds=[1]", "workers=3"]
        + changes)
    plan = try StudyPlan(study, path: "study.yaml", directory: directory + "/study")
    var tally = ClassificationTally(classNames: ["a", "b"])
    tally.add(logits: .init([1, 0, 1, 0], shape: [2, 2]), labels: [0, 1])
    let evaluation = RunEvaluation(
      weights: "best",
      domains: [
        DomainEvaluation(
          name: "a", path: "a.h5", split: "test", report: tally.report, drop: .none(reason: "none"))
      ])
    try JSONFile.write(evaluation, to: directory + "/test.json")
    try JSONFile.write(
      RunResult(epochs: 1, steps: 2, bestEpoch: 1, validation: ["accuracy": 0.5, "loss": 1]),
      to: directory + "/result.json")
    try JSONFile.write(RunResult(divergedAt: 3, metrics: Classification.metrics), to: directory + "/diverged.json")
    // Notes each job, fails where a file asks for it, and else does as a run or an evaluation would.
    try TextFile.write(
      """
      #!/bin/sh
      # Whole or not at all, as the runner looks at files while others are written.
      put() { cp "$1" "$2.draft" && mv "$2.draft" "$2"; }
      echo "$1 $2" >> "\(directory)/calls"
      if [ -e "$2/killed" ]; then rm "$2/killed"; kill -9 $$; fi
      if [ -e "$2/stopped" ]; then rm "$2/stopped"; exit 75; fi
      if [ -e "$2/wild" ]; then put "\(directory)/diverged.json" "$2/result.json"; exit 65; fi
      if [ -e "$2/broken" ]; then echo "bulkhead: the roof is off" >&2; exit 65; fi
      case $1 in
        resume) touch "$2/last.h5" "$2/best.h5" && put "\(directory)/result.json" "$2/result.json" ;;
        evaluate) put "\(directory)/test.json" "$6" ;;
      esac
      """, to: directory + "/script")
    // Copied by another process: a child that a test beside this one forks meanwhile would hold a file open that is
    // written here, and the kernel runs no file that someone may write to.
    let copy = try Process.run(
      URL(fileURLWithPath: "/usr/bin/install"),
      arguments: ["-m", "755", directory + "/script", directory + "/bulkhead"])
    copy.waitUntilExit()
  }

  func run(shard: Shard? = nil, phase: StudyPhase? = nil) throws -> [StudyRunner.Failure] {
    var runner = StudyRunner(plan, executable: directory + "/bulkhead", shard: shard, phase: phase) { false }
    return try runner.run { _ in }
  }

  var calls: [String] {
    get throws { try TextFile.read(directory + "/calls").split(separator: "\n").map(String.init) }
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }
}
