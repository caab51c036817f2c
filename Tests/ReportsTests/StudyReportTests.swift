import Foundation
import Reports
import Studies
import StudyTestSupport
import Support
import Tensors
import TestSupport
import Testing
import Training

@Suite struct StudyReportTests {
  @Test func aReportStandsAloneWhateverNamesAre() throws {
    let directory = try TemporaryDirectory()
    let study = try SyntheticStudy(
      in: directory.path("study"), names: ["<script>alert(1)</script>", "a & b's \"../x\"", "c"],
      arms: SyntheticStudy.all,
      seeds: 2, sizes: [5, 20])
    let text = try TextFile.read(try study.report())
    let page = try ReportedPage(text)
    for reference in ["http:", "https:", "<link", "url(", "@import", "<script>alert"] {
      #expect(!text.contains(reference), "\(reference)")
    }
    // A row of pictures for each domain, within the page.
    #expect(page.images.count == 3 * 4 && page.images.allSatisfy { $0.source.hasPrefix("data:image/png;base64,") })
    #expect(page.ids.contains("pictures") && page.images.contains { $0.alternative.contains("<b>ring</b>") })
    #expect(page.text.contains("<script>alert(1)</script>"), "the name itself is to be read")
    let repeated = Dictionary(grouping: page.ids, by: \.self).filter { $1.count > 1 }.keys
    #expect(repeated.isEmpty, "\(repeated)")
    // Every link leads to a place on the page, or to a file or a directory that is there.
    let report = RunDirectory(study.plan.directory).file("report")
    for link in Set(page.links) {
      let isThere =
        link.hasPrefix("#")
        ? page.ids.contains(String(link.dropFirst()))
        : FileManager.default.fileExists(atPath: report + "/" + (link.removingPercentEncoding ?? link))
      #expect(isThere, "\(link)")
    }
    let wanted = [
      "effect-distance", "effect-second", "effect-task", "effect-proxy", "accuracy-distance", "effects", "mechanisms",
      "drift", "similarity", "width-depth-gain", "width-depth-accuracy", "width-depth-gap", "width-depth-time",
      "width-depth-parameters", "sizes", "curves-1", "curves-1-others", "curves-3", "reliability", "reliability-1",
      "confusion-1-fc", "confusion-3-gap",
    ]
    for name in wanted { #expect(page.figures.contains { $0.name == name }, "\(name)") }
    // Nothing was written beside the report's own place.
    let events = try FileManager.default.contentsOfDirectory(atPath: report + "/events").sorted()
    #expect(events == ["_script_alert_1___script_", "a___b_s__.._x_", "c", "scratch", "source"])
  }

  @Test func widthAndDepthAreComparedOnPairsThatAllHave() throws {
    let directory = try TemporaryDirectory()
    let narrow = "{name: narrow, sources: [a], settings: {network: {head: {kind: fc, width: 4, depth: 2}}}}"
    let study = try SyntheticStudy(
      in: directory.path("study"), names: ["a", "b"], arms: SyntheticStudy.compared + [narrow], seeds: 2)
    let page = try ReportedPage(try TextFile.read(try study.report()))
    let rows = try CSVText.rows(
      of: try TextFile.read(study.plan.directory + "/report/width-depth-accuracy.csv"), path: "width-depth-accuracy.csv"
    ).dropFirst()
    // From a on both targets at both seeds.
    #expect(rows.count >= 3 && rows.allSatisfy { $0.last?.split(separator: " ").count == 4 }, "\(rows)")
    #expect(page.links.contains("#runs"))
  }

  /// Every mark is a row of the figure's CSV, in its order, tells its numbers and is drawn where they belong.
  @Test func figuresShowTheNumbersBesideThem() throws {
    let directory = try TemporaryDirectory()
    let study = try SyntheticStudy(
      in: directory.path("study"), names: ["a", "b", "c"], arms: SyntheticStudy.all, sizes: [5, 20])
    let page = try ReportedPage(try TextFile.read(try study.report()))
    #expect(page.figures.count > 20)
    for figure in page.figures {
      let csv = try TextFile.read(study.plan.directory + "/report/\(figure.name).csv")
      let rows = try CSVText.rows(of: csv, path: figure.name)
      let header = try #require(rows.first)
      #expect(rows.count - 1 == figure.marks.count && rows.count > 1, "\(figure.name)")
      var drawn: [(value: Double, place: Double)] = []
      for (row, mark) in zip(rows.dropFirst(), figure.marks) {
        // The column of the number that a mark stands at, how it is told, and where it is drawn.
        let column = header[0] == "series" ? 3 : header[0] == "row" ? 1 : 2
        let value = try #require(Double(row[column]), "\(figure.name): \(row)")
        let digits = header[0] == "true" ? 0...0 : 1...4
        let told = digits.contains { Self.tells(mark.tip, value.formatted(digits: $0)) }
        #expect(told, "\(figure.name): \(value) in \(mark.tip)")
        if column < 3 || !row[1].isEmpty { #expect(mark.tip.contains(header[0] == "series" ? row[1] : row[0])) }
        drawn.append((value, column == 1 ? mark.x : mark.y))
        for run in (row.last ?? "").split(separator: " ") {
          #expect(FileManager.default.fileExists(atPath: study.plan.directory + "/\(run)/result.json"), "\(run)")
        }
      }
      guard !figure.name.hasPrefix("confusion"), let low = drawn.min(by: { $0.value < $1.value }),
        let high = drawn.max(by: { $0.value < $1.value }), high.value > low.value
      else { continue }
      for one in drawn {
        let share = (one.value - low.value) / (high.value - low.value)
        #expect(abs(low.place + share * (high.place - low.place) - one.place) < 0.11, "\(figure.name): \(one)")
      }
    }
  }

  /// Whether a tip has a number with all its digits.
  private static func tells(_ tip: String, _ number: String) -> Bool {
    tip.split { !"+-.0123456789".contains($0) }.contains { $0 == number || $0 == "+" + number }
  }

  @Test(arguments: [0, 0.1, 0.5]) func aStudyThatIsNotDoneHasAReport(share: Double) throws {
    let directory = try TemporaryDirectory()
    for arms in [SyntheticStudy.all, Array(SyntheticStudy.compared.prefix(1))] {
      let study = try SyntheticStudy(
        in: directory.path("\(arms.count)"), names: ["a", "b"], arms: arms, seeds: 2, sizes: [5, 20], share: share)
      let text = try TextFile.read(try study.report())
      let page = try ReportedPage(text)
      #expect(page.text.contains("Demonstration, no verdict") && !text.contains("nan"))
      if share == 0 { #expect(page.figures.isEmpty && page.text.contains("cells are not done yet")) }
    }
  }

  /// 2 of 20 more for fc when pretrained, at every seed and target, all worked out by hand.
  @Test func aReportTellsWhatFollows() throws {
    let directory = try TemporaryDirectory()
    let study = try exampleStudy("seeds=[1, 2, 3]", "search={extensions: 0, doublings: 0}")
    let plan = try StudyPlan(study, path: "study.yaml", directory: directory.path("study"))
    try RunDirectory(plan.directory).createDirectory()
    try TextFile.write("name: example\n", to: directory.path("study.yaml"))
    // Validation chooses 0.02 and 0.2; accuracies on test images are made up.
    for run in try firstRuns(of: plan) {
      try run.create()
      try JSONFile.write(
        RunResult(
          epochs: 1, steps: 2, bestEpoch: 1,
          validation: ["accuracy": [0.02, 0.2].contains(run.learningRate) ? 0.9 : 0.5, "loss": 1]),
        to: run.directory.result)
      var tally = ClassificationTally(classNames: ["a", "b"])
      let right = run.configuration.weights == nil ? 12 : 14 + Int(run.seed % 2) + (run.arm == "fc" ? 2 : 0)
      for image in 0..<20 {
        tally.add(logits: .init(image < right ? [2, 0] : [0, 2], shape: [1, 2]), labels: [0])
      }
      let evaluation = RunEvaluation(
        weights: "best",
        domains: [
          DomainEvaluation(name: "a", path: "a.h5", split: "test", report: tally.report, drop: .none(reason: "none"))
        ])
      try JSONFile.write(evaluation, to: run.directory.test)
    }
    let progress = try StudyProgress(reading: plan)
    let distances = DomainDistances(
      key: "", samples: 10,
      pairs: [("digits", 0.0), ("shirts", 0.4)].map {
        .init(
          source: "digits", target: $0.0, primary: .init(discrepancy: $0.1, p: 0.01, proxy: 1.9), labelOverlap: 0)
      })
    let report = StudyReport(StudyFindings(progress, distances: distances, taskDistances: nil))
    let page = try TextFile.read(try report.write(from: directory.path("study.yaml")))
    #expect(page.contains("<td class=\"text\">keep fc</td><td>+10.0 (+10.0 to +10.0)</td>"))
    #expect(page.contains("Demonstration, no verdict: 2 domains"))
    #expect(page.contains("1.90 (saturated)"))
    let files = ["effect-distance.csv", "effects.csv", "results.csv", "study.yaml", "reproduce.sh"]
    for file in files { #expect(try !TextFile.read(plan.directory + "/report/" + file).isEmpty, "\(file)") }
    let effects = try TextFile.read(plan.directory + "/report/effects.csv").split(separator: "\n")
    #expect(effects.count == 3 && effects[2].hasPrefix("digits → shirts,10"))
    // Each number leads to its run.
    let chosen = try #require(progress.selection(of: 0)).chosen
    #expect(page.contains(chosen.directory.name))
  }
}
