internal import Support

extension ClassificationReport {
  /// The report as aligned tables for a terminal.
  package var text: String {
    var lines = "accuracy  \(percent(accuracy)) ± \(percent(accuracyError))  (\(correct) of \(samples))\n"
    if let balancedAccuracy, let macroF1 {
      lines += "balanced accuracy  \(percent(balancedAccuracy)), macro F1  \(percent(macroF1))\n"
    }
    if let top5Accuracy { lines += "top-5 accuracy  \(percent(top5Accuracy))\n" }
    lines += "log loss  \(loss.map { $0.formatted(digits: 4) } ?? "none")\n"
    lines += "calibration error  \(percent(calibrationError))  (\(ClassificationTally.binCount) bins)\n"
    if let worst = worstClass, let accuracy = worst.accuracy {
      lines += "worst class  \(worst.name), \(percent(accuracy))\n"
    }
    if withoutPrediction > 0 {
      lines += "\(withoutPrediction) samples have logits that are not finite and count as wrong\n"
    }
    let table = TextTable(
      header: ["class", "samples", "correct", "accuracy"],
      rows: classes.map {
        [$0.name, "\($0.samples)", "\($0.correct)", $0.accuracy.map(percent) ?? "–"]
      })
    return lines + "\n" + table.text + "\nconfusion matrix (rows: true class, columns: predicted)\n\n"
      + confusionTable.text
  }

  /// Rows are true classes; columns are numbered in the same order.
  private var confusionTable: TextTable {
    TextTable(
      header: [""] + classes.indices.map { "\($0)" },
      rows: classes.enumerated().map { index, result in
        ["\(index) \(result.name)"] + confusion[index].map { $0 == 0 ? "·" : "\($0)" }
      })
  }

  private func percent(_ share: Double) -> String { (100 * share).formatted(digits: 1) + " %" }
}
