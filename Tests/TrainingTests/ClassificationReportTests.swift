import Foundation
import Statistics
import Support
import Tensors
import Testing
import Training

@Suite struct ClassificationReportTests {
  /// Logits whose softmax gives the named shares exactly: logarithms.
  private func logits(_ rows: [[Double]]) -> Tensor {
    Tensor(rows.joined().map { Float(Foundation.log($0)) }, shape: [rows.count, rows.first?.count ?? 0])
  }

  @Test func numbersComputedByHand() throws {
    var tally = ClassificationTally(classNames: ["cat", "dog", "owl"])
    tally.add(logits: logits([[0.8, 0.1, 0.1], [0.5, 0.4, 0.1]]), labels: [0, 1])
    tally.add(logits: logits([[0.1, 0.7, 0.2], [0.2, 0.2, 0.6]]), labels: [1, 1])
    let report = tally.report
    #expect(report.samples == 4)
    #expect(report.correct == 2)
    #expect(report.accuracy == 0.5)
    let interval = try #require(report.accuracyInterval)
    // scipy.stats.binomtest(2, 4).proportion_ci(method="wilson")
    #expect(abs(interval.lower - 0.150039) < 1e-6 && abs(interval.upper - 0.849961) < 1e-6)
    #expect(report.confusion == [[1, 0, 0], [1, 1, 1], [0, 0, 0]])
    #expect(report.classes.map(\.accuracy) == [1, 1.0 / 3, nil])
    #expect(report.worstClass?.name == "dog")
    // −(ln 0.8 + ln 0.4 + ln 0.7 + ln 0.2) / 4
    let loss = try #require(report.loss)
    #expect(abs(loss - 0.7763868) < 1e-5)
    // Confidences 0.8 (right), 0.5 (wrong), 0.7 (right), 0.6 (wrong), each in a bin of its own:
    // (0.2 + 0.5 + 0.3 + 0.6) / 4
    #expect(abs(report.calibrationError - 0.4) < 1e-6)
  }
  /// Values of scikit-learn; see Fixtures/make_metrics.py.
  @Test func metricsAgreeWithScikitLearn() throws {
    struct Golden: Decodable {
      var classes: Int
      var labels: [Int]
      var logits: [Float]
      var accuracy, balancedAccuracy, macroF1, loss: Double
      var top5Accuracy: Double?
      var balancedWeights: [Double]
    }
    let url = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/metrics.json")
    let cases = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
    #expect(cases.count == 5)
    for golden in cases {
      var tally = ClassificationTally(classNames: (0..<golden.classes).map { "class \($0)" })
      tally.add(logits: Tensor(golden.logits, shape: [golden.labels.count, golden.classes]), labels: golden.labels)
      let report = tally.report
      let expected = [
        "accuracy": golden.accuracy, "balancedAccuracy": golden.balancedAccuracy, "macroF1": golden.macroF1,
        "loss": golden.loss, "top5Accuracy": golden.top5Accuracy,
      ].compactMapValues(\.self)
      #expect(report.metrics.keys.sorted() == expected.keys.sorted())
      for (name, value) in expected {
        #expect(abs(report.metrics[name]! - value) < 1e-6, "\(name) of \(golden.classes) classes")
      }
      // They are not one another: a metric under another's name would be seen.
      #expect(Set(expected.values).count == expected.count)
      #expect((golden.top5Accuracy == nil) == (golden.classes < 6))
      let weights = ClassWeights.balanced(golden.labels, classes: golden.classes)
      #expect(zip(weights, golden.balancedWeights).allSatisfy { abs($0 - $1) < 1e-12 })
      for text in ["balanced accuracy", "macro F1", "log loss"] { #expect(report.text.contains(text)) }
      #expect(report.text.contains("top-5") == (golden.classes >= 6))
      let json = try JSONFile.text(of: report)
      #expect(json.contains("\"macroF1\"") && json.contains("\"balancedAccuracy\""))
      #expect(try JSONDecoder().decode(ClassificationReport.self, from: Data(json.utf8)) == report)
    }
  }

  /// A sample without a prediction is a false negative, and no class's false positive.
  @Test func samplesWithoutAPredictionCountAgainstTheirClass() {
    var tally = ClassificationTally(classNames: (0..<6).map { "\($0)" })
    var rows = [Float](repeating: 0, count: 18)
    (rows[0], rows[6], rows[12]) = (1, .nan, 1)
    tally.add(logits: Tensor(rows, shape: [3, 6]), labels: [0, 0, 5])
    let report = tally.report
    // Class 0: one of two; class 5: none, its five equals come before it.
    #expect(report.balancedAccuracy == 0.25)
    // 2·1 / (2·1 + 1 + 1) and 0.
    #expect(report.macroF1 == 0.25)
    #expect(report.topFive == 1)
    #expect(ClassificationTally(classNames: ["a"]).report.macroF1 == nil)
  }

  @Test func calibrationAveragesWithinABin() {
    var tally = ClassificationTally(classNames: ["a", "b"])
    // Bin (0.6, 0.667]: confidences 0.62 and 0.66, one right; bin (0.933, 1]: 0.95, right.
    tally.add(logits: logits([[0.62, 0.38], [0.66, 0.34], [0.95, 0.05]]), labels: [0, 1, 0])
    // 2/3 · |0.5 − 0.64| + 1/3 · |1 − 0.95|
    #expect(abs(tally.report.calibrationError - (2 * 0.14 + 0.05) / 3) < 1e-6)
    #expect(tally.report.reliability.filter { $0.samples > 0 }.map(\.samples) == [2, 1])
    #expect(tally.report.reliability.count == 15)
  }

  @Test func logitsThatAreNotFiniteAreWrong() {
    var tally = ClassificationTally(classNames: ["a", "b"])
    tally.add(logits: Tensor([.nan, 1, 3, 1], shape: [2, 2]), labels: [1, 0])
    #expect(tally.report.accuracy == 0.5)
    #expect(tally.report.withoutPrediction == 1)
    #expect(tally.report.classes.map(\.samples) == [1, 1])
    #expect(tally.report.loss?.isFinite == true)
    #expect(ClassificationTally(classNames: ["a"]).report.loss == nil)
  }

  @Test func jsonKeepsTheReport() throws {
    var tally = ClassificationTally(classNames: ["a", "b"])
    tally.add(logits: logits([[0.75, 0.25], [0.4, 0.6]]), labels: [0, 0])
    let text = try JSONFile.text(of: tally.report)
    #expect(text.contains("\"accuracy\" : 0.5"))
    #expect(text.contains("\"calibrationError\""))
    #expect(try JSONDecoder().decode(ClassificationReport.self, from: Data(text.utf8)) == tally.report)
  }

  @Test func theDropIsThatOfTheSelectingMetric() throws {
    let accuracy = Classification.metrics[0]
    let (right, poor) = (["accuracy": 0.9, "loss": 0.1], ["accuracy": 0.6, "loss": 2])
    guard case .points(let points) = SourceDrop(of: accuracy, from: right, to: poor) else {
      Issue.record("expected a drop")
      return
    }
    #expect(abs(points - 30) < 1e-9)
    let error = Metric("share", .share, .lowest, worst: 1)
    #expect(SourceDrop(of: error, from: ["share": 0.25], to: ["share": 0.5]) == .points(25))
    func reason(_ drop: SourceDrop) -> String {
      guard case .none(let reason) = drop else { return "" }
      return reason
    }
    #expect(reason(SourceDrop(of: accuracy, from: nil, to: poor)).contains("not available"))
    #expect(reason(SourceDrop(of: accuracy, from: [:], to: poor)).contains("accuracy is undefined on one of the two"))
    #expect(reason(SourceDrop(of: Classification.metrics[1], from: right, to: poor)).contains("loss is not a share"))
  }

  @Test func tablesLineUp() {
    let table = TextTable(header: ["class", "n"], rows: [["a", "10"], ["long name", "5"]])
    #expect(table.text == "class       n\n─────────  ──\na          10\nlong name   5\n")
    #expect((0.05).formatted(digits: 1) == "0.1")
    #expect((-1.255).formatted(digits: 1) == "-1.3")
    #expect((-0.001).formatted(digits: 2) == "0.00")
    #expect((12.0).formatted(digits: 0) == "12")
    #expect(Double.nan.formatted(digits: 2) == "nan")
  }

  /// Classes of the data that a map joins are one class of both means: 3 of 6 and 2 of 4 are recognized, and 5 each predicted.
  @Test func joinedClassesAreOneClassOfTheMeans() {
    var report = ClassificationTally(classNames: ["cat", "dog"]).report
    report.classes = [
      .init(name: "tiger", output: "cat", samples: 4, correct: 1),
      .init(name: "kitten", output: "cat", samples: 2, correct: 2),
      .init(name: "wolf", output: "dog", samples: 4, correct: 2),
    ]
    report.confusion = [[1, 3], [2, 0], [2, 2]]
    #expect(report.balancedAccuracy == 0.5)
    // 2·3 / (6 + 5) and 2·2 / (4 + 5).
    #expect(report.macroF1.map { abs($0 - (6.0 / 11 + 4.0 / 9) / 2) < 1e-15 } == true)
  }
}
