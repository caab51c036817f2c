package import Statistics
internal import Support

extension ClassificationReport {
  /// The report as aligned tables for a terminal.
  package var text: String {
    var lines = matching?.text ?? ""
    lines += "accuracy  \(percent(accuracy))  (\(correct) of \(samples)\(interval(accuracyInterval)))\n"
    if let matching, !matching.absent.isEmpty {
      lines +=
        "accuracy among the \(matching.shared) shared classes alone  \(percent(sharedAccuracy))  "
        + "(\(sharedCorrect) of \(samples)\(interval(sharedAccuracyInterval)))\n"
    }
    let empty = classes.filter { $0.samples == 0 }.map(\.name)
    if !empty.isEmpty {
      lines += "classes without a sample here  \(empty.count) of \(classes.count): \(empty.listed)\n"
    }
    if let balancedAccuracy, let macroF1 {
      lines += "balanced accuracy  \(percent(balancedAccuracy)), macro F1  \(percent(macroF1))\n"
    }
    if let top5Accuracy { lines += "top-5 accuracy  \(percent(top5Accuracy))\n" }
    lines += "log loss  \(loss.map { $0.formatted(digits: 4) } ?? "none")\n"
    lines += "calibration error  \(percent(calibrationError))  (\(ClassificationTally.binCount) bins)\n"
    if let calibration { lines += calibration.text }
    if let worst = worstClass, let accuracy = worst.accuracy {
      lines += "worst class  \(worst.name), \(percent(accuracy))\n"
    }
    if withoutPrediction > 0 {
      lines += "\(withoutPrediction) samples have logits that are not finite and count as wrong\n"
    }
    let table = TextTable(
      header: ["class", "samples", "correct", "accuracy", "95 % interval"],
      rows: classes.map {
        [
          $0.name, "\($0.samples)", "\($0.correct)", $0.accuracy.map(percent) ?? "–",
          $0.accuracyInterval?.percentText ?? "–",
        ]
      })
    return lines + "\n" + table.text + "\nconfusion matrix (rows: true class, columns: predicted)\n\n"
      + confusionTable.text
  }

  /// Rows are the data's classes; columns are numbered: the network's classes that the data have or that are predicted.
  private var confusionTable: TextTable {
    let names = Set(classes.map(\.output))
    let columns = outputs.indices.filter { column in
      names.contains(outputs[column]) || confusion.contains { $0[column] > 0 }
    }
    // Where the columns are the rows, their names are not repeated.
    let isSquare = columns.map { outputs[$0] } == classes.map(\.name)
    let legend = isSquare ? [] : columns.enumerated().map { place, column in "\(place) \(outputs[column])" }
    return TextTable(
      header: [isSquare ? "" : "predicted " + legend.joined(separator: ", ")] + columns.indices.map { "\($0)" },
      rows: classes.enumerated().map { index, result in
        [isSquare ? "\(index) \(result.name)" : result.name]
          + columns.map { confusion[index][$0] == 0 ? "·" : "\(confusion[index][$0])" }
      })
  }

  private func percent(_ share: Double) -> String { (100 * share).formatted(digits: 1) + " %" }

  private func interval(_ interval: ProportionInterval?) -> String {
    interval.map { "; 95 % interval \($0.percentText)" } ?? ""
  }
}

extension ProportionInterval {
  /// Both ends in percent, such as `67.6 to 100.0 %`.
  package var percentText: String {
    "\((100 * lower).formatted(digits: 1)) to \((100 * upper).formatted(digits: 1)) %"
  }
}

extension ClassificationReport.Calibration {
  /// The temperature and what it changes, a line each.
  fileprivate var text: String {
    func line(_ name: String, _ quality: Quality) -> String {
      let loss = quality.loss.map { $0.formatted(digits: 4) } ?? "none"
      return "  \(name)  loss \(loss), calibration error \((100 * quality.calibrationError).formatted(digits: 1)) %\n"
    }
    return "temperature  \(scaling.text)\n" + line("before", before) + line("after ", after)
  }
}
