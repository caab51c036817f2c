import Foundation
import Serialization
import Support
import TestSupport
import Testing
import Training
import Weights

/// `metrics.csv` and the event file follow from `metrics.jsonl`, whatever happens to the run.
extension TrainerTests {
  private static func logged(_ directory: borrowing TemporaryDirectory) throws -> Configuration {
    var configuration = try Self.configuration(directory)
    (configuration.epochs, configuration.logEverySteps, configuration.tensorBoard) = (3, 2, true)
    return configuration
  }

  private static func copies(of run: RunDirectory) throws -> [Data] {
    try [run.metricsTable, run.events].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
  }

  /// The table's rows have the log's numbers, and the events its steps.
  private static func expectCopies(_ run: RunDirectory) throws {
    let records = try MetricsLog.records(in: run.metrics)
    let rows = try CSVText.rows(of: TextFile.read(run.metricsTable), path: run.metricsTable)
    #expect(rows.first?.prefix(2) == ["step", "epoch"] && rows.count == records.count + 1)
    for (row, record) in zip(rows.dropFirst(), records) {
      var values: [String: Double] = [:]
      for (name, text) in zip(rows[0], row) where !text.isEmpty { values[name] = Double(text) }
      #expect(values.removeValue(forKey: "step") == Double(record.step) && values == record.values)
    }
    let events = EventFile.header + records.flatMap { EventFile.event(step: $0.step, values: $0.values) }
    #expect(try Array(copies(of: run)[1]) == events)
  }

  @Test func metricsAreCopiedAsTheRunGoes() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.logged(directory)
    let whole = try Self.run("whole", directory, configuration)
    var seen: [Int] = []
    try Trainer(configuration, run: whole) { event in
      guard case .epoch(let epoch, of: _, _) = event else { return }
      // Each epoch is there once it is done.
      let rows = (try? CSVText.rows(of: TextFile.read(whole.metricsTable), path: whole.metricsTable)) ?? []
      if rows.last?[1] == "\(epoch)" { seen.append(epoch) }
    }.train()
    #expect(seen == [1, 2, 3])
    try Self.expectCopies(whole)
    let header = try CSVText.rows(of: TextFile.read(whole.metricsTable), path: whole.metricsTable)[0]
    #expect(
      header == [
        "step", "epoch", "learningRate", "loss", "trainAccuracy", "trainLoss", "validationAccuracy",
        "validationBalancedAccuracy", "validationLoss", "validationMacroF1",
      ])

    // Stopped in an epoch, and killed: what a killed process left behind is cut off, or made anew where it is damaged.
    let parts = try Self.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 7 } }
    let copies = try Self.copies(of: parts)
    try Self.expectCopies(parts)
    for (path, garbage) in [(parts.metricsTable, "8,,0.1"), (parts.events, "\u{1}\u{2}")] {
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(garbage.utf8))
    }
    _ = try Trainer(resuming: parts).train(until: 1)
    #expect(try Self.copies(of: parts) == copies)
    try TextFile.write("step\n", to: parts.metricsTable)
    try FileSystem.remove(parts.events)
    try Trainer(resuming: parts).train()
    #expect(try Self.copies(of: parts) == Self.copies(of: whole))

    configuration.tensorBoard = false
    let without = try Self.run("without", directory, configuration)
    try Trainer(configuration, run: without).train()
    #expect(!FileSystem.exists(without.events))
    #expect(try Self.copies(of: whole)[0] == Data(contentsOf: URL(fileURLWithPath: without.metricsTable)))
    #expect(try TextFile.read(whole.metrics) == TextFile.read(without.metrics))
    #expect(try Checkpoint(reading: whole.last).parameters == Checkpoint(reading: without.last).parameters)
  }
}
