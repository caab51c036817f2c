import Bulkhead
import Foundation
import Synchronization
import Testing

@Suite struct StudyJobTests {
  private func study(in workspace: Workspace) throws -> TransferStudy {
    try workspace.makeDataset()
    try workspace.write(
      """
      name: small
      domains:
        - {name: a, source: \(workspace.file("a.h5")), target: \(workspace.file("a.h5"))}
        - {name: inverted, target: \(workspace.file("a.h5")), shift: inverted}
      arms:
        - {name: fc, settings: {network: {head: {kind: fc, width: 8, depth: 1}}}}
        - {name: gap, settings: {network: {head: {kind: gap}}}}
      seeds: [1]
      learningRates: [0.05]
      search: {extensions: 0, doublings: 0}
      workers: 2
      common: {data: {sizes: [28, 32], evaluationSize: 28, batch: 8}}
      pretraining: {epochs: 2}
      finetuning: {epochs: 2, data: {trainPerClass: 8}}

      """, to: "small.yaml")
    return try TransferStudy(opening: workspace.file("small.yaml"), directory: workspace.file("runs"))
  }

  @Test func aStudyIsCancelledResumedAndRead() async throws {
    try await Workspace.with { workspace in
      let study = try study(in: workspace)
      #expect(study.domains == ["a", "inverted"] && study.arms == ["fc", "gap"] && study.seeds == [1])
      #expect(study.sourceModelCount == 2 && study.cellCount == 8)
      #expect(try study.secondsLeft() > 0)
      let executable = try Workspace.executable()
      let done = Mutex(0)
      #expect(
        kind { () throws(BulkheadError) in
          try study.run(executable: executable) { event in
            if case .jobs(let jobs) = event { done.withLock { $0 = jobs.done } }
          } isCancelled: {
            done.withLock { $0 } > 1
          }
        } == .cancelled)
      #expect(try study.findings(isCancelled: { false }).accuracies.count < 8)
      let findings = try await study.run(executable: executable)
      #expect(findings.accuracies.count == 8 && findings.accuracies.allSatisfy { (0...1).contains($0.accuracy) })
      #expect(findings.effects.map(\.target) == ["a", "inverted"] && findings.effects[0].effects.count == 1)
      #expect(findings.verdict == .demonstration && findings.sentence.hasPrefix("Demonstration, no verdict"))
      #expect(findings.claims.map(\.name).starts(with: ["0", "A", "B"]))
      #expect(findings.claims.allSatisfy { $0.answer == .demonstration && !$0.evidence.isEmpty })
      #expect(findings.table.contains("Accuracy on test images"))
      #expect(try study.writeReport() == study.reportPage)
      #expect(try await study.findings().accuracies == findings.accuracies)
    }
  }

  @Test func aStudyIsSubmittedAsAScript() async throws {
    try await Workspace.with { workspace in
      let study = try study(in: workspace)
      let (phases, script) = try study.submit(to: .script, tasks: 2, executable: try Workspace.executable())
      #expect(phases.map(\.name) == ["prepare", "sources", "runs", "report"])
      #expect(phases.map(\.tasks) == [1, 2, 2, 1] && phases.allSatisfy { $0.job == nil })
      #expect(FileManager.default.isExecutableFile(atPath: script))
      #expect(try study.queue().isEmpty)
      #expect(kind { () throws(BulkheadError) in try study.cancel() } == .missing)
      #expect(
        kind { () throws(BulkheadError) in try study.submit(to: .script, tasks: 0, executable: "") } == .invalid)
    }
  }

  @Test func mistakesHaveAKind() async throws {
    try await Workspace.with { workspace in
      #expect(kind { () throws(BulkheadError) in _ = try TransferStudy(opening: "nowhere.yaml") } == .missing)
      let study = try study(in: workspace)
      #expect(
        kind { () throws(BulkheadError) in _ = try TransferStudy(opening: study.path, workers: 0) } == .invalid)
      // A program that fails at once fails every job.
      let failed = Mutex(0)
      #expect(
        kind { () throws(BulkheadError) in
          try study.run(executable: "/bin/false") { event in
            if case .failed = event { failed.withLock { $0 += 1 } }
          }
        } == .failed)
      #expect(failed.withLock { $0 } > 0)
      try FileManager.default.removeItem(atPath: workspace.file("a.h5"))
      #expect(kind { () throws(BulkheadError) in _ = try TransferStudy(opening: study.path) } == .missing)
    }
  }
}
