internal import Support
internal import Training

/// Learning curves of a run, from its log.
struct RunLearning {
  let history: RunHistory
  /// The epoch of the weights that the page shows; nil where there are none.
  let shownEpoch: Int?

  var figures: [Figure] { [loss, metrics, learningRate, steps].compactMap(\.self) }

  private static let training = SVG.Look(arm: 0)
  private static let validation = SVG.Look(arm: 1)

  private var loss: Figure? {
    figure(
      "loss", "Loss", "loss",
      [
        ("training", Self.training, "trainLoss", 1), ("validation", Self.validation, "validationLoss", 1),
      ], digits: 4,
      caption:
        "Training: mean over the epoch's steps, in training mode (with augmentation, dropout and what else is drawn).")
  }

  private var metrics: Figure? {
    let shown = history.configuration.metrics.prefix(2).filter { $0.unit == .share }
    let series = shown.enumerated().flatMap { place, metric in
      [
        ("training \(metric.name)", SVG.Look(arm: 2 * place), metric.trainKey, 100.0),
        ("validation \(metric.name)", SVG.Look(arm: 2 * place + 1), metric.validationKey, 100.0),
      ]
    }
    let names = shown.map(\.name).joined(separator: ", ")
    return figure(
      "metrics", "Metrics", "\(names), %", series, digits: 2,
      caption: "Selected by validation \(history.configuration.metrics.first?.name ?? "")"
        + (shownEpoch.map { "; the weights shown here are those after epoch \($0)" } ?? "") + ".")
  }

  private var learningRate: Figure? {
    figure(
      "learning-rate", "Learning rate", "learning rate", [("learning rate", Self.training, "learningRate", 1)],
      digits: 6, caption: "Of the last step of each epoch.")
  }

  /// - Parameter columns: name, look, key in the log, and factor of each series.
  private func figure(
    _ name: String, _ title: String, _ label: String,
    _ columns: [(name: String, look: SVG.Look, key: String, factor: Double)], digits: Int, caption: String
  ) -> Figure? {
    let series = columns.compactMap { column -> Plot.Series? in
      let points = history.epochs.compactMap { record -> Plot.Point? in
        guard let epoch = record.values["epoch"], let value = record.values[column.key], value.isFinite else {
          return nil
        }
        return Plot.Point(
          x: epoch, y: column.factor * value, text: Int(exactly: epoch) == shownEpoch ? "shown here" : "")
      }
      return points.isEmpty
        ? nil : Plot.Series(name: column.name, look: column.look, style: .line, points: points)
    }
    guard !series.isEmpty else { return nil }
    let plot = Plot(
      title: title, xLabel: "epoch", yLabel: label, series: series, width: 460, height: 320, digits: digits, xDigits: 0)
    return Figure(name, plot, caption: caption)
  }

  /// The loss of single steps, where they are logged; at most 300 of them.
  private var steps: Figure? {
    let records = history.steps.filter { $0.values["loss"]?.isFinite == true }
    guard records.count > 1 else { return nil }
    let stride = (records.count + 299) / 300
    let points = records.enumerated().filter { $0.offset.isMultiple(of: stride) }.map { _, record in
      Plot.Point(x: Double(record.step), y: record.values["loss"] ?? 0)
    }
    let plot = Plot(
      title: "Loss of single steps", xLabel: "step", yLabel: "loss of the batch",
      series: [.init(name: "training", look: Self.training, style: .band, points: points)], width: 460, height: 320,
      digits: 4, xDigits: 0)
    return Figure(
      "steps", plot,
      caption: stride == 1 ? "Every logged step." : "Each \(stride)th of \(records.count) logged steps.")
  }
}
