import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A whole small study with the real program: data, source models, fine-tuning, tests, table.
@Suite struct StudyCommandTests {
  /// Makes a dataset of 8 x 8 pictures in two classes, and a study of it, in a directory.
  func makeStudy(in directory: String, folds: Int = 0) throws {
    try writeHalves(80, in: directory)
    let prepare = try Command(
      "prepare", "csv", "a.csv", "--label", "last", "--test", "10", "--validation", "10", "--output", "a.h5",
      in: directory)
    #expect(prepare.status == 0, "\(prepare.errors)")
    let study = """
      name: small
      domains:
        - {name: a, source: a.h5, target: a.h5}
        - {name: inverted, target: a.h5, shift: inverted}
      arms:
        - {name: fc, settings: {network: {head: {kind: fc, width: 8, depth: 1}}}}
        - {name: gap, settings: {network: {head: {kind: gap}}}}
      seeds: [1]
      learningRates: [0.01, 0.05]
      search: {extensions: 0, doublings: 0, folds: \(folds)}
      workers: 2
      common: {data: {sizes: [28, 32], evaluationSize: 28, batch: 8}}
      pretraining: {epochs: 3}
      finetuning: {epochs: 3, data: {trainPerClass: 8}}
      """
    try Data(study.utf8).write(to: URL(fileURLWithPath: directory + "/small.yaml"))
  }

  @Test func aRunIsTrainedResumedAndEvaluated() throws {
    try withDirectory { directory in
      try makeStudy(in: directory)
      let configuration = "data: {path: a.h5, sizes: [28, 32], evaluationSize: 28, batch: 8}\nepochs: 3\nthreads: 1\n"
      try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/small-run.yaml"))
      let train = try Command("train", "small-run.yaml", "--set", "optimizer.learningRate=0.05", in: directory)
      #expect(train.status == 0 && train.output.contains("the run lies in checkpoints/small-run"), "\(train.errors)")
      #expect(try Command("train", "small-run.yaml", in: directory).errors.contains("holds a run already"))
      let resume = try Command("resume", "checkpoints/small-run", "--set", "epochs=5", in: directory)
      #expect(resume.status == 0 && resume.output.contains("of 5: validation accuracy"), "\(resume.errors)")
      let metrics = try Data(contentsOf: URL(fileURLWithPath: directory + "/checkpoints/small-run/metrics.jsonl"))
      #expect(String(decoding: metrics, as: UTF8.self).split(separator: "\n").count == 5)

      let text = try Command("evaluate", "checkpoints/small-run", "--weights", "last", in: directory)
      #expect(
        text.status == 0 && text.output.contains(" of 20; 95 % interval") && text.output.contains("confusion matrix"))
      let json = try Command("evaluate", "checkpoints/small-run", "--on", "a.h5", "--json", in: directory)
      let value = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      let domain = try #require((value["domains"] as? [[String: Any]])?.first)
      let report = try #require(domain["report"] as? [String: Any])
      #expect(report["samples"] as? Int == 20)
      #expect((report["reliability"] as? [Any])?.count == 15)
      let inspect = try Command("inspect", "checkpoints/small-run/last.h5", in: directory)
      #expect(inspect.output.contains("checkpoint of a run") && inspect.output.contains("fc6.weight"))
    }
  }

  /// Starts the study, sends a signal once so many runs are finished, and returns the exit code.
  private func interrupt(in directory: String, after count: Int, with signal: Int32) throws -> Int32 {
    let process = Process()
    process.executableURL = try Command.executable()
    process.arguments = ["study", "run", "small.yaml"]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    while process.isRunning, finishedRuns(in: directory) < count { usleep(2000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationStatus
  }

  private func finishedRuns(in directory: String) -> Int {
    let runs = directory + "/checkpoints/small"
    let paths = FileManager.default.enumerator(atPath: runs)?.compactMap { $0 as? String } ?? []
    return paths.count { $0.hasSuffix("/result.json") }
  }

  /// The lines of the table without their last two fields, time and memory.
  func table(in directory: String) throws -> [String] {
    let text = String(
      decoding: try Data(contentsOf: URL(fileURLWithPath: directory + "/checkpoints/small/results.csv")), as: UTF8.self)
    let rows = text.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows[0].suffix(2) == ["seconds", "peakBytes"])
    #expect(rows.dropFirst().allSatisfy { $0.suffix(2).allSatisfy { (Double($0) ?? 0) > 0 } })
    return rows.map { $0.dropLast(2).joined(separator: ",") }
  }

  /// With two folds each of 8 cells has 5 runs, without 2; there are two source models.
  @Test(arguments: [(folds: 0, runs: 18), (folds: 2, runs: 42)]) func aKilledStudyComesToTheSameTable(
    folds: Int, runs: Int
  ) throws {
    try withDirectory { whole in
      try withDirectory { killed in
        for directory in [whole, killed] { try makeStudy(in: directory, folds: folds) }
        let run = try Command("study", "run", "small.yaml", in: whole)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("Demonstration, no verdict"))
        #expect(try interrupt(in: killed, after: 1, with: SIGTERM) == 75)
        #expect(try interrupt(in: killed, after: 4, with: SIGKILL) == SIGKILL)
        let left = finishedRuns(in: killed)
        #expect((1..<runs).contains(left))
        #expect(try Command("study", "run", "small.yaml", in: killed).status == 0)
        #expect(try table(in: killed) == table(in: whole))
        #expect(try table(in: whole).count == 1 + runs)

        // Names say what runs are.
        let rows = try table(in: whole).map { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for row in rows.dropFirst() {
          let pattern =
            /((sources\/(fc|gap)\.a)|(scratch|a)-to-(a|inverted)\/(fc|gap)-full\.(scratch|a)-to-\5)\.s1.*-[0-9a-f]{4}/
          #expect(try pattern.wholeMatch(in: String(row[0])) != nil, "\(row[0])")
        }
        // Nothing is repeated; the runs can be inspected.
        let again = try Command("study", "run", "small.yaml", in: killed)
        #expect(again.status == 0 && again.output == run.output, "\(again.errors)")
        let status = try Command("study", "status", "small.yaml", in: killed)
        #expect(status.output.components(separatedBy: "finished").count - 1 == runs)
      }
    }
  }
}
