internal import Datasets
internal import Layers
internal import Networks
internal import Optimizers
internal import Serialization
internal import Support
internal import Training

/// What was trained, on what, and by which configuration.
struct RunSetup {
  let history: RunHistory
  let measurement: RunMeasurement?
  private var configuration: Configuration { history.configuration }

  /// The network in a few words, such as `vgg16 with the head fc`.
  var network: String {
    let network = configuration.network
    let source =
      switch network.source {
      case .preset(let preset): preset.rawValue
      case .layers(let layers, size: _): "a network of \(layers.count) layers"
      case .keras(let path), .caffe(let path): "the network of \(path)"
      }
    return source + (network.head.map { " with the head \($0.kind.rawValue)" } ?? "")
  }

  /// The page's second line.
  var subtitle: String {
    "\(network), trained on \(measurement.flatMap(Self.ownName) ?? configuration.data.path) for \(configuration.task.name); "
      + history.state + "."
  }

  private static func ownName(_ measurement: RunMeasurement) -> String? { try? measurement.own.get().name }

  var html: String {
    var rows = [("directory", history.run.path), ("state", history.state), ("network", network)]
    if let measurement {
      let layers = measurement.evaluator.evaluator.network
      let trained = layers.trainedParameters(freezing: configuration.freeze)
      func count(_ wanted: (String) -> Bool) -> String {
        let elements = layers.parameters.filter { wanted($0.name) }.reduce(0) { $0 + $1.shape.reduce(1, *) }
        return Self.grouped(elements)
      }
      rows.append(("parameters", "\(count { _ in true }), of them trained \(count(trained.contains))"))
    }
    rows.append(("initial weights", configuration.weights?.from ?? "none: trained from scratch"))
    if !configuration.freeze.isEmpty {
      rows.append(("frozen", configuration.freeze.map(\.description).joined(separator: ", ")))
    }
    rows.append(("dataset", configuration.data.path + samples))
    rows.append(
      (
        "training",
        "\(configuration.optimizer.rule.kind.rawValue), learning rate \(configuration.optimizer.learningRate), batches of "
          + "\(configuration.data.batch), seed \(configuration.seed)"
      ))
    rows.append(("chosen by", configuration.metrics.first.map { "validation \($0.name)" } ?? ""))
    if let measurement { rows.append(("shown here", measurement.checkpoint)) }
    let lines = rows.map { name, value in
      "<tr><th scope=\"row\" class=\"text\">\(name)</th><td class=\"text\">\(Markup.escaped(value))</td></tr>\n"
    }
    var body = "<div class=\"wide\"><table class=\"facts\">\n<tbody>\n\(lines.joined())</tbody></table></div>\n"
    if let text = try? YAMLText.encode(configuration) {
      body += Markup.details(
        "The whole configuration", style: "long", "<pre tabindex=\"0\"><code>\(Markup.escaped(text))</code></pre>\n")
    }
    return body
  }

  /// The samples of the run's own dataset that it was trained and validated on.
  private var samples: String {
    guard let measurement, case .success(let dataset) = measurement.own,
      let choice = try? SampleChoice(of: dataset, as: configuration.data, seed: configuration.seed)
    else { return "" }
    return " (\(dataset.classNames.count) classes; \(choice.training.count) training and \(choice.validation.count) "
      + "validation samples)"
  }

  /// A count with its digits in groups of three.
  private static func grouped(_ count: Int) -> String {
    let digits = Array("\(count)")
    return String(
      digits.enumerated().flatMap { place, digit in
        place > 0 && (digits.count - place).isMultiple(of: 3) ? [",", digit] : [digit]
      })
  }
}
