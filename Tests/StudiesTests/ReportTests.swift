import Foundation
import Studies
import Tensors
import TestSupport
import Testing
import Training

@Suite struct ReportTests {
  @Test func eventFilesAreRecordsOfEvents() throws {
    // The check value of CRC-32C.
    #expect(EventFile.checksum(Array("123456789".utf8)) == 0xE306_9283)
    let bytes = EventFile([MetricsRecord(step: 300, values: ["loss": 0.5, "wild": .nan])]).bytes
    func length(at place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
    let first = length(at: 0)
    let second = length(at: 16 + first)
    #expect(bytes.count == 32 + first + second)
    // wall_time (9 bytes), step 300 as a varint, a summary of one value: tag "loss" and simple_value 0.5.
    let event = Array(bytes[(16 + first + 12)...].prefix(second))
    #expect(
      event.suffix(second - 9) == [0x10, 0xAC, 0x02, 0x2A, 13, 0x0A, 11, 0x0A, 4] + Array("loss".utf8) + [
        0x15, 0, 0, 0, 0x3F,
      ])
  }

  @Test func aReportStandsAlone() throws {
    let directory = try TemporaryDirectory()
    let study = try exampleStudy("seeds=[1, 2, 3]", "search={extensions: 0}")
    let plan = try StudyPlan(study, path: "study.yaml", directory: directory.path("study"))
    try RunDirectory(plan.directory).createDirectory()
    try RunDirectory.write("name: example\n", to: directory.path("study.yaml"))
    var progress = StudyProgress(plan)
    // Validation chooses 0.02 and 0.2; accuracies on test images are made up.
    for run in try progress.runs() {
      try run.directory.create(for: run.configuration)
      try RunDirectory.writeJSON(
        RunResult(
          epochs: 1, steps: 2, bestEpoch: 1, validationAccuracy: [0.02, 0.2].contains(run.rate) ? 0.9 : 0.5,
          validationLoss: 1), to: run.directory.result)
      var tally = EvaluationTally(classNames: ["a", "b"])
      let right = run.configuration.weights == nil ? 12 : 14 + Int(run.seed % 2) + (run.arm == "fc" ? 2 : 0)
      for image in 0..<20 {
        tally.add(logits: .init(image < right ? [2, 0] : [0, 2], shape: [1, 2]), labels: [0])
      }
      let evaluation = RunEvaluation(
        weights: "best",
        domains: [
          DomainEvaluation(name: "a", path: "a.h5", split: "test", report: tally.report, drop: .none(reason: "none"))
        ])
      try RunDirectory.writeJSON(evaluation, to: run.directory.test)
    }
    progress = StudyProgress(plan)
    let distances = DomainDistances(
      key: "", samples: 10,
      pairs: [("digits", 0.0), ("shirts", 0.4)].map {
        .init(
          source: "digits", target: $0.0, primary: .init(discrepancy: $0.1, p: 0.01, proxy: 1.9), labelOverlap: 0)
      })
    let analysis = StudyAnalysis(try StudyResults(&progress, distances: distances))
    var report = StudyReport(progress, analysis: analysis)
    let page = try RunDirectory.read(try report.write(from: directory.path("study.yaml")))
    // 2 of 20 more for fc when pretrained, at every seed and target.
    #expect(page.contains("<td class=\"text\">keep fc</td><td>+10.0 ± 0.0</td>"))
    #expect(page.contains("Demonstration, no verdict: 2 domains"))
    #expect(page.contains("1.90 (saturated)"))
    for text in ["http:", "https:", "<link", "src="] { #expect(!page.contains(text), "\(text)") }
    #expect(page.components(separatedBy: "<figure").count - 1 >= 3)
    let files = ["effect-distance.csv", "effects.csv", "results.csv", "study.yaml", "reproduce.sh"]
    for file in files { #expect(try !RunDirectory.read(plan.directory + "/report/" + file).isEmpty, "\(file)") }
    let effects = try RunDirectory.read(plan.directory + "/report/effects.csv").split(separator: "\n")
    #expect(effects.count == 3 && effects[2].hasPrefix("digits → shirts,0.1"))
    // Each number leads to its run.
    let chosen = try #require(try progress.selection(of: 0)).chosen
    #expect(page.contains(chosen.directory.name))
  }
}
