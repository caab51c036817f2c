import Foundation
import Tensors
import Testing

/// Runs that are killed and stopped from outside, briefly; `make soak` does so at length and at every point of a save.
@Suite struct ResumeTests {
  private static let configuration = """
    network:
      size: 8
      layers:
        - {kind: convolution, name: features.conv, outputs: 4, kernel: 3, padding: 1}
        - {kind: batch-normalization, name: features.norm}
        - {kind: relu, name: features.relu}
        - {kind: flatten, name: head.flatten}
        - {kind: linear, name: head.fc}
    threads: 2
    data: {path: data.h5, batch: 4}
    epochs: 8
    checkpoint: {everySteps: 7}
    """

  private static func makeData(in directory: String) throws {
    var stream = RandomStream(seed: 5)
    let rows = (0..<120).map { index in
      let pixels = (0..<64).map { place in (place % 3 == index % 3 ? 150 : 0) + stream.integer(below: 100) }
      return (pixels + [index % 3]).map(String.init).joined(separator: ",")
    }
    try Data(rows.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: directory + "/data.csv"))
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: directory + "/run.yaml"))
    let prepare = try Command("prepare", "csv", "data.csv", "--label", "last", "--output", "data.h5", in: directory)
    #expect(prepare.status == 0, "\(prepare.errors)")
  }

  /// The files in which the runs `parts` and `whole` differ.
  private static func differences(_ directory: String) throws -> [String] {
    func bytes(_ run: String, _ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(run)/\(name)"))
    }
    return try ["last.h5", "best.h5", "metrics.jsonl", "result.json"].filter {
      try bytes("parts", $0) != bytes("whole", $0)
    }
  }

  /// Starts or resumes a run, sends it a signal after a while, and returns how it ended.
  private static func stopped(_ run: String, by number: Int32, after seconds: Double, in directory: String) throws
    -> Process
  {
    let process = Process()
    process.executableURL = try Command.executable()
    let hasBegun = FileManager.default.fileExists(atPath: "\(directory)/\(run)/configuration.yaml")
    process.arguments = hasBegun ? ["resume", run] : ["train", "run.yaml", "--run", run]
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: seconds)
    kill(process.processIdentifier, number)
    process.waitUntilExit()
    return process
  }

  @Test func aKilledRunComesToTheSameBytes() throws {
    try withDirectory { directory in
      try Self.makeData(in: directory)
      let clock = ContinuousClock()
      var whole = try Command("--help")
      let time = try clock.measure {
        whole = try Command("train", "run.yaml", "--run", "whole", in: directory)
      }
      #expect(whole.status == 0, "\(whole.errors)")
      let seconds = Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)
      var stream = RandomStream(seed: 9)
      var (kills, stops) = (0, 0)
      for _ in 0..<14 where kills < 4 || stops < 2 {
        let isKill = stream.integer(below: 3) < 2
        let process = try Self.stopped(
          "parts", by: isKill ? SIGKILL : SIGTERM, after: seconds * 0.7 * Double(stream.uniform()), in: directory)
        if process.terminationReason == .uncaughtSignal {
          kills += 1
        } else if process.terminationStatus == 75 {
          stops += 1
        }
        if FileManager.default.fileExists(atPath: directory + "/parts/result.json") {
          #expect(try Self.differences(directory).isEmpty)
          try FileManager.default.removeItem(atPath: directory + "/parts")
        }
      }
      #expect(kills > 0 && stops > 0)
      if FileManager.default.fileExists(atPath: directory + "/parts/configuration.yaml") {
        let resume = try Command("resume", "parts", in: directory)
        #expect(resume.status == 0, "\(resume.errors)")
        #expect(try Self.differences(directory).isEmpty)
      }
    }
  }

  /// A run that started on other instructions may resume to different bits, and warns.
  @Test func aResumeOnOtherInstructionsWarns() throws {
    try withDirectory { directory in
      try Self.makeData(in: directory)
      let (old, new) = (["ONEDNN_MAX_CPU_ISA": "SSE41"], ["ONEDNN_MAX_CPU_ISA": "ALL"])
      let run = try Command(
        ["train", "run.yaml", "--run", "run", "--set", "epochs=1"], in: directory, environment: old)
      #expect(run.status == 0, "\(run.errors)")
      let same = try Command(["resume", "run", "--set", "epochs=2"], in: directory, environment: old)
      #expect(same.status == 0 && !same.errors.contains("its bits may differ"), "\(same.errors)")
      let other = try Command(["resume", "run", "--set", "epochs=3"], in: directory, environment: new)
      #expect(other.status == 0 && other.errors.contains("its bits may differ from here on"), "\(other.errors)")
    }
  }

  /// A run ends with its epochs; more of them are asked for by name, and nothing else can be.
  @Test func aRunIsExtendedByItsEpochsAlone() throws {
    try withDirectory { directory in
      try Self.makeData(in: directory)
      let run = try Command("train", "run.yaml", "--run", "run", "--set", "epochs=1", in: directory)
      #expect(run.status == 0, "\(run.errors)")
      let beyond = try Command("resume", "run", "--until", "2", in: directory)
      #expect(beyond.status == 65 && beyond.errors.contains("bulkhead resume run --set epochs=2"), "\(beyond.errors)")
      for setting in ["optimizer.learningRate=1", "epoch=2", "seed=3"] {
        let other = try Command("resume", "run", "--set", setting, in: directory)
        #expect(other.status == 64 && other.errors.contains("except for more epochs"), "\(other.errors)")
      }
      let text = try Command("resume", "run", "--set", "epochs=many", in: directory)
      #expect(text.status == 64 && text.errors.contains("expected a whole number"), "\(text.errors)")
      let less = try Command("resume", "run", "--set", "epochs=0", in: directory)
      #expect(less.status == 65 && less.errors.contains("the run has 1 epochs; expected more"), "\(less.errors)")
      let more = try Command("resume", "run", "--set", "epochs=3", in: directory)
      #expect(more.status == 0 && more.output.contains("of 3: validation accuracy"), "\(more.errors)")
      #expect(more.errors.contains("the run is extended from 1 to 3 epochs after step "), "\(more.errors)")
      let verify = try Command("verify", "run", in: directory)
      #expect(verify.status == 0 && verify.output.contains("a configuration of 3 epochs"), "\(verify.errors)")
    }
  }

  @Test func aSecondTrainerIsRefusedAndToldWhoHoldsTheRun() throws {
    try withDirectory { directory in
      try Self.makeData(in: directory)
      let holder = Process()
      holder.executableURL = try Command.executable()
      holder.arguments = ["train", "run.yaml", "--run", "run", "--set", "epochs=100000"]
      holder.currentDirectoryURL = URL(fileURLWithPath: directory)
      holder.standardOutput = FileHandle.nullDevice
      holder.standardError = FileHandle.nullDevice
      try holder.run()
      while !FileManager.default.fileExists(atPath: directory + "/run/configuration.yaml"), holder.isRunning {
        Thread.sleep(forTimeInterval: 0.01)
      }
      let second = try Command("resume", "run", in: directory)
      #expect(
        second.status == 75 && second.errors.contains("process \(holder.processIdentifier) on "), "\(second.errors)")
      kill(holder.processIdentifier, SIGKILL)
      holder.waitUntilExit()
      let verify = try Command("verify", "run", in: directory)
      #expect(
        verify.status == 0 || verify.output.contains("there is no checkpoint"), "\(verify.output)\(verify.errors)")
    }
  }

  @Test func runsAreVerifiedAndProved() throws {
    try withDirectory { directory in
      try Self.makeData(in: directory)
      #expect(try Command("train", "run.yaml", "--run", "run", in: directory).status == 0)
      let proved = try Command("resume", "run", "--prove", in: directory)
      #expect(proved.status == 0 && proved.output.contains("bit-for-bit identical"), "\(proved.errors)")
      for path in ["run", "run/last.h5", "run/best.h5", "data.h5"] {
        let verify = try Command("verify", path, in: directory)
        #expect(verify.status == 0 && verify.output.contains("good"), "\(verify.errors)")
      }
      for path in ["run/last.h5", "run/best.h5"] {
        let url = URL(fileURLWithPath: "\(directory)/\(path)")
        let bytes = try Data(contentsOf: url)
        var damaged = bytes
        damaged[bytes.count / 2] ^= 1
        try damaged.write(to: url)
        for verified in [path, "run"] {
          let verify = try Command("verify", verified, in: directory)
          #expect(verify.status == 65 && (verify.output + verify.errors).contains("checksum"), "\(verify.output)")
        }
        try bytes.write(to: url)
      }
    }
  }
}
