import Foundation
import Kernels
import Studies
import Support
import Testing
import Training

@Suite struct StudyDriverTests {
  /// The events of a driver.
  private final class Log {
    var events: [StudyEvent] = []
    var warnings: [String] { events.compactMap { if case .warning(let text) = $0 { text } else { nil } } }
    var failures: [StudyRunner.Failure] {
      events.compactMap { if case .failed(let failure) = $0 { failure } else { nil } }
    }
    var ends: [StudyRunner.Status] {
      events.compactMap { if case .jobsEnded(let status) = $0 { status } else { nil } }
    }
  }

  private func driver(
    _ workshop: ScriptedStudy, _ log: Log, shard: Shard? = nil, shouldStop: @escaping () -> Bool = { false }
  ) -> StudyDriver {
    StudyDriver(
      workshop.plan,
      StudyDriver.Context(
        executable: workshop.directory + "/bulkhead", shard: shard, pool: ThreadPool(threads: 2), shouldStop: shouldStop
      )
    ) { log.events.append($0) }
  }

  /// The script's weights are empty and there are no datasets, so that nothing can be measured beside the runs.
  @Test(arguments: [nil, Shard(index: 1, count: 2)])
  func aStudyIsDrivenToItsFindingsAndWhatCannotBeMeasuredIsAWarning(shard: Shard?) throws {
    let (workshop, log) = (try ScriptedStudy(), Log())
    var published: [StudyFindings] = []
    let driver = driver(workshop, log, shard: shard)
    try driver.run { published.append($0) }
    #expect(published.count == 1)
    let accuracies = try #require(published.first?.analysis.results.accuracies)
    #expect(accuracies.count == workshop.plan.cells.count && accuracies.values.allSatisfy { $0 == 0.5 })
    #expect(log.warnings.count == 4)
    let beginnings = [
      "whether sources and targets share images is not known", "weight drift is not measured",
      "no distances between domains",
    ]
    for (warning, beginning) in zip(log.warnings, beginnings) { #expect(warning.hasPrefix(beginning)) }
    #expect(published[0].sharedImages == nil)
    #expect(log.ends.map(\.done) == [18] && log.ends.map(\.jobs) == [18] && log.failures.isEmpty)
    // What is done is not repeated.
    let calls = try workshop.calls
    try driver.run { published.append($0) }
    #expect(try workshop.calls == calls && published.count == 2)
    #expect(try driver.findings().analysis.text == published[0].analysis.text)
  }

  /// What the others came to is published all the same, and nothing that a second try needs is removed.
  @Test func failuresAreToldAtTheEnd() throws {
    let (workshop, log) = (try ScriptedStudy(), Log())
    let source = workshop.plan.sources[1]
    try source.directory.createDirectory()
    try TextFile.write("", to: source.directory.file("broken"))
    var published = 0
    let error = #expect(throws: StudyError.self) { try driver(workshop, log).run { _ in published += 1 } }
    #expect(error == .failed(count: 5, first: "bulkhead: the roof is off"))
    #expect(published == 1 && log.failures.count == 5)
    let best = try StudyProgress(reading: workshop.plan).runs.filter {
      FileManager.default.fileExists(atPath: $0.directory.best)
    }
    #expect(best.count == 1 + 2 + 2 + 3)
    let status = StudyStatus(try StudyProgress(reading: workshop.plan))
    #expect(status.rows.count == 2 + 2 * 2 + 2 * 3)
    #expect(status.rows.count { $0.state == .finished } == 8)
    let failed = try #require(status.rows.first { $0.run == source.name })
    #expect(
      failed.state == .failed(reason: "training \(source.directory.path) (gap, seed 1): bulkhead: the roof is off"))
    #expect(failed.regime == nil && failed.target == "digits" && failed.learningRate == nil)
  }

  @Test func phaseAfterPhaseComesToTheSameFindings() throws {
    let (whole, workshop, log) = (try ScriptedStudy(), try ScriptedStudy(), Log())
    var expected: [StudyFindings] = []
    try driver(whole, Log()).run { expected.append($0) }
    var published: [StudyFindings] = []
    for phase in StudyPhase.allCases {
      let task = driver(workshop, log, shard: Shard(index: 1, count: 1))
      try task.run(phase) { published.append($0) }
      #expect(published.count == (phase == .report ? 1 : 0))
    }
    #expect(published.first?.analysis.text == expected.first?.analysis.text)
    #expect(log.ends.map(\.done) == [4, 14])
  }

  @Test func theReportOfASubmissionNamesWhatIsLeft() throws {
    let (workshop, log) = (try ScriptedStudy(), Log())
    let source = workshop.plan.sources[1]
    try source.directory.createDirectory()
    try TextFile.write("", to: source.directory.file("broken"))
    let task = driver(workshop, log, shard: Shard(index: 1, count: 1))
    let error = #expect(throws: StudyError.self) { try task.run(.sources) { _ in } }
    #expect(error == .failed(count: 1, first: "bulkhead: the roof is off"))
    try task.run(.runs) { _ in }
    var published = 0
    let left = #expect(throws: StudyError.self) { try task.run(.report) { _ in published += 1 } }
    // The source model with its test, three runs that begin with it, and their test.
    #expect(
      left
        == .incomplete(
          count: 6, first: "training \(source.directory.path) (gap, seed 1): bulkhead: the roof is off"))
    #expect(published == 1)
  }

  @Test func aStudyThatIsAskedToStopPublishesNothing() throws {
    let (workshop, log) = (try ScriptedStudy(), Log())
    var published = 0
    let error = #expect(throws: Interruption.self) {
      try driver(workshop, log) { true }.run { _ in published += 1 }
    }
    if case .stopped? = error {} else { Issue.record("expected a stop") }
    #expect(published == 0)
  }
}
