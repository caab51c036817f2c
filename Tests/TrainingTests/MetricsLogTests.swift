import Foundation
import Kernels
import Support
import Testing
import Training

@Suite struct MetricsLogTests {
  private func withDirectory(_ body: (RunDirectory) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(RunDirectory(path))
  }

  private func record(_ step: Int) -> MetricsRecord { MetricsRecord(step: step, values: ["loss": 1 / Double(step)]) }

  @Test func aResumedLogIsThatOfAnUninterruptedRun() throws {
    try withDirectory { run in
      var extents = [MetricsLog.Extent()]
      do {
        let log = try MetricsLog(path: run.metrics, keeping: extents[0])
        for step in 1...6 {
          log.append(record(step))
          extents.append(log.extent)
        }
      }
      let whole = try TextFile.read(run.metrics)
      for (cut, step) in [(whole, 3), (String(whole.dropLast(5)), 4), (whole, 6)] {
        try TextFile.write(cut, to: run.metrics)
        let log = try MetricsLog(path: run.metrics, keeping: extents[step])
        for later in (step + 1)..<7 { log.append(record(later)) }
        #expect(try TextFile.read(run.metrics) == whole)
      }
      // Missing and changed lines, also those that an editor changes.
      for damaged in [
        String(whole.dropLast(5)), whole.replacing("0.25", with: "0.26"), whole.replacing("\n", with: "\r\n"), "",
      ] {
        try TextFile.write(damaged, to: run.metrics)
        #expect(throws: TrainingError.self) { try MetricsLog(path: run.metrics, keeping: extents[6]) }
      }
      try TextFile.write(whole, to: run.metrics)
      #expect(try MetricsLog.records(in: run.metrics).map(\.step) == [1, 2, 3, 4, 5, 6])
      _ = try MetricsLog(path: run.metrics, keeping: extents[0])
      #expect(try TextFile.read(run.metrics).isEmpty)
    }
  }

  @Test func linesAreSortedAndKeepNumbersThatAreNotFinite() throws {
    let record = MetricsRecord(step: 7, values: ["b": 0.1, "a": .nan, "z": 2])
    #expect(record.line == #"{"a":null,"b":0.1,"step":7,"z":2.0}"#)
    let read = try #require(MetricsRecord(line: Substring(record.line)))
    #expect(read.line == record.line)
    #expect(MetricsRecord(line: #"{"a":1,"ste"#) == nil)
    #expect(MetricsRecord(line: #"{"step":1e300}"#) == nil && MetricsRecord(line: #"{"step":1.5}"#) == nil)
  }

  @Test func oneProcessHoldsARun() throws {
    try withDirectory { run in
      do {
        let lock = try run.lock(for: "a test")
        let error = #expect(throws: FileError.self) { _ = try run.lock(for: "a test") }
        let holder = "process \(ProcessInfo.processInfo.processIdentifier) on "
        #expect("\(try #require(error))".contains(holder))
        _ = consume lock
      }
      _ = try run.lock(for: "a test")
    }
  }

  @Test func missingFilesAreNamed() throws {
    try withDirectory { run in
      #expect(throws: FileError.missing(run.configuration)) { try run.loadConfiguration() }
      #expect(throws: FileError.missing(run.metrics)) { try MetricsLog.records(in: run.metrics) }
    }
  }
}
