import Studies
import Support
import Tensors
import TestSupport
import Testing
import Training

@Suite struct PredictionTableTests {
  /// An evaluation's predictions, written and read back, say what its report says.
  @Test func predictionsComeBack() throws {
    let directory = try TemporaryDirectory()
    let names = ["one, or \"1\"", "two\nlines", "three"]
    var tally = ClassificationTally(classNames: names)
    var stream = RandomStream(seed: 4)
    var labels: [Int] = []
    for _ in 0..<200 {
      labels.append(stream.integer(below: 3))
      let logits = (0..<3).map { _ in Float(stream.integer(below: 1000)) / 200 }
      tally.add(
        logits: Tensor(labels.count == 7 ? [.nan, 0, 0] : logits, shape: [1, 3]), labels: [labels[labels.count - 1]])
    }
    let predictions = zip(labels, tally.predictions).enumerated().map { index, pair in
      ClassPrediction(
        sample: index, image: index, label: names[pair.0], predicted: pair.1.map { names[$0.output] },
        probability: pair.1?.confidence, isCorrect: pair.1?.output == pair.0)
    }
    let report = tally.report
    let evaluation = RunEvaluation(
      weights: "best",
      domains: [
        DomainEvaluation(
          name: "a, b", path: "a.h5", split: "test", report: report, drop: .none(reason: "none"),
          predictions: predictions)
      ])
    let path = directory.path("predictions.csv")
    try TextFile.write(evaluation.predictionsText, to: path)
    let table = try PredictionTable(reading: path)
    #expect(table.rows.count == 200 && Set(table.classes) == Set(names))
    #expect(table.rows[6].predicted == nil && table.rows[6].confidence == nil)
    #expect(table.accuracy == report.accuracy && report.withoutPrediction == 1)
    #expect(table.confusion(of: names) == report.confusion)
    #expect(abs(table.calibrationError - report.calibrationError) < 1e-6)
    let bins = table.reliability()
    #expect(bins.count == 10 && bins.reduce(0) { $0 + $1.samples } == 199)
    for (index, bin) in bins.enumerated() {
      let range: (Double, Double) = (Double(index) / 10, Double(index + 1) / 10)
      let inside = predictions.filter { one in one.probability.map { $0 > range.0 && $0 <= range.1 } ?? false }
      #expect(bin.samples == inside.count)
      let right = Double(inside.count(where: \.isCorrect)) / Double(max(inside.count, 1))
      #expect(abs((bin.accuracy ?? 0) - right) < 1e-12)
    }
  }

  /// Two of 15 bins by hand: 0.34 and 0.36 confident, one right, and 0.9, right: (2 · 0.15 + 1 · 0.1) / 3.
  @Test func calibrationByHand() {
    let rows = [("a", "a", 0.36), ("a", "b", 0.34), ("b", "b", 0.9)]
    let table = PredictionTable(
      rows: rows.map { PredictionTable.Row(label: $0, predicted: $1, confidence: $2, isCorrect: $0 == $1) })
    #expect(abs(table.calibrationError - 0.4 / 3) < 1e-12)
    #expect(table.confusion(of: ["a", "b"]) == [[1, 1], [0, 1]])
  }

  @Test func aTableOfOtherColumnsIsRefused() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("predictions.csv")
    for text in ["", "label,predicted\na,b\n", "label,predicted,probability,correct\na,b,0.5\n"] {
      try TextFile.write(text, to: path)
      #expect(throws: FileError.self) { try PredictionTable(reading: path) }
    }
  }

  @Test func curvesOfFoldsAreAveraged() throws {
    let directory = try TemporaryDirectory()
    func curve(_ name: String, _ validation: [Double]) throws -> LearningCurve {
      let run = RunDirectory(directory.path(name))
      try run.createDirectory()
      var text = ""
      for epoch in 1...2 {
        var values: [String: Double] = ["epoch": Double(epoch), "trainLoss": 0.5]
        values["trainAccuracy"] = epoch == 1 ? 0.75 : 0.85
        if !validation.isEmpty { (values["validationAccuracy"], values["validationLoss"]) = (validation[epoch - 1], 1) }
        text += MetricsRecord(step: 5 * epoch, values: values).line + "\n"
      }
      try TextFile.write(text, to: run.metrics)
      return try LearningCurve(of: run)
    }
    let refit = try curve("refit", [])
    #expect(refit.epochs.allSatisfy { $0.validationAccuracy == nil } && refit[epoch: 2]?.trainAccuracy == 0.85)
    let mean = LearningCurve(training: refit, validation: [try curve("a", [0.5, 0.6]), try curve("b", [0.7, 0.9])])
    #expect(mean.epochs.map(\.trainAccuracy) == refit.epochs.map(\.trainAccuracy))
    #expect(abs((mean.epochs[0].validationAccuracy ?? 0) - 0.6) < 1e-12)
    #expect(abs((mean.epochs[1].validationAccuracy ?? 0) - 0.75) < 1e-12)
  }
}
