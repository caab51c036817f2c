import Bulkhead
import Foundation
import TestSupport
import Testing

/// Studies of folders of images, as a program makes them.
@Suite struct StudyPreparationTests {
  @Test func aStudyIsMadeAndOpened() async throws {
    try await Workspace.with { workspace in
      for (place, name) in ["a", "b"].enumerated() { try writeImageFolder(workspace.file(name), first: 500 * place) }
      var preparation = StudyPreparation(
        name: "mine",
        domains: ["a", "b"].map { .init(name: $0, images: .folder(workspace.file($0))) },
        directory: workspace.file("mine"))
      (preparation.seeds, preparation.budget) = (2, 7200)
      let report = try await preparation.run()
      #expect(report.findings.count == 2 && report.seconds > 0)
      #expect(report.decisions.first { $0.what == "seeds" }?.choice == "2")
      let study = try TransferStudy(opening: report.path)
      #expect(study.directory == workspace.file("mine") && study.domains == ["a", "b"] && study.seeds == [1, 2])
      #expect(kind { () throws(BulkheadError) in try preparation.run(isCancelled: { false }) } == .exists)
      preparation.inputNormalization = "what"
      #expect(kind { () throws(BulkheadError) in try preparation.run(isCancelled: { false }) } == .invalid)
      preparation.inputNormalization = nil
      preparation.overwrites = true
      #expect(kind { () throws(BulkheadError) in try preparation.run(isCancelled: { true }) } == .cancelled)
      #expect(try TransferStudy(opening: report.path).seeds == [1, 2])
    }
  }
}
