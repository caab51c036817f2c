internal import Support
package import Training

/// The predictions for each test image, read from a run's `predictions.csv`.
package struct PredictionTable: Sendable, Equatable {
  /// One test image.
  package struct Row: Sendable, Equatable {
    /// The dataset's name of the true class.
    package var label: String
    /// The network's name of its answer, and the share that the softmax gives it; nil where the logits were not finite.
    package var predicted: String?
    /// The softmax's share for `predicted`.
    package var confidence: Double?
    /// Whether the answer is the true class.
    package var isCorrect: Bool

    /// A row with the network's answer.
    package init(label: String, predicted: String?, confidence: Double?, isCorrect: Bool) {
      (self.label, self.predicted, self.confidence, self.isCorrect) = (label, predicted, confidence, isCorrect)
    }
  }

  /// The rows in the order of the file.
  package let rows: [Row]

  /// A table of rows.
  package init(rows: [Row]) { self.rows = rows }

  /// - Throws: `FileError` if the file is not there or has other columns than an evaluation writes.
  package init(reading path: String) throws {
    let table = try CSVText.rows(of: try TextFile.read(path), path: path)
    func column(_ name: String) throws -> Int {
      guard let place = table.first?.firstIndex(of: name) else {
        throw FileError(what: "it has no column \(name)", path: path)
      }
      return place
    }
    let (label, predicted) = (try column("label"), try column("predicted"))
    let (probability, correct) = (try column("probability"), try column("correct"))
    rows = try table.dropFirst().enumerated().map { index, row in
      guard row.count == table[0].count, ["0", "1"].contains(row[correct]) else {
        throw FileError(what: "record \(index + 1) is not like its header", path: path)
      }
      return Row(
        label: row[label], predicted: row[predicted].isEmpty ? nil : row[predicted],
        confidence: Double(row[probability]), isCorrect: row[correct] == "1")
    }
  }

  /// All classes that occur, in order of their names.
  package var classes: [String] { Set(rows.flatMap { [$0.label, $0.predicted].compactMap(\.self) }).sorted() }

  /// The share of right answers; 0 without rows.
  package var accuracy: Double { rows.isEmpty ? 0 : Double(rows.count(where: \.isCorrect)) / Double(rows.count) }

  /// `confusion[true class][predicted class]`; predictions of classes that are not named are left out.
  package func confusion(of classes: [String]) -> [[Int]] {
    let places = Dictionary(uniqueKeysWithValues: zip(classes, classes.indices))
    var counts = [[Int]](repeating: [Int](repeating: 0, count: classes.count), count: classes.count)
    for row in rows {
      guard let label = places[row.label], let answer = row.predicted.flatMap({ places[$0] }) else { continue }
      counts[label][answer] += 1
    }
    return counts
  }

  /// Bins of confidence of equal width.
  package func reliability(bins: Int = 10) -> [ClassificationReport.Bin] {
    var tally = ReliabilityTally(bins: bins)
    for row in rows {
      if let confidence = row.confidence { tally.add(confidence: confidence, isCorrect: row.isCorrect) }
    }
    return tally.bins
  }

  /// Expected calibration error, in as many bins as an evaluation has.
  package var calibrationError: Double { reliability(bins: ClassificationTally.binCount).calibrationError }
}
