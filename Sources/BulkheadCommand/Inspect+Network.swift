import ArgumentParser
import Networks
import Serialization
import Support
import Tensors
import Training
import Weights

/// The input that a network is shown for.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: "Height and width of an image in pixels (default: those of the configuration's data, the network's, or 224).")
  var size: Int?
  @Option(help: "Channels of an image (default: those of the configuration's data, the model's, or 3).")
  var channels: Int?
  @Option(help: "Number of classes (default: that of the configuration's data, the model's, or 1000).")
  var classes: Int?
  @Option(help: "Images per step, for the estimate of training memory.") var batch = 32
  @Option(help: "Another head for a preset or a model, such as gap, as head.kind says (default: the network's own).")
  var head: String?

  func validate() throws {
    guard (1...65_536).contains(size ?? 1), (1...65_536).contains(channels ?? 1), (1...1 << 20).contains(classes ?? 1),
      (1...65_536).contains(batch)
    else { throw ValidationError("--size, --channels, --classes and --batch are 1 or more, and not enormous") }
    if let head, Kind(rawValue: head) == nil || Kind(rawValue: head) == .fcRank {
      let known = Kind.allCases.filter { $0 != .fcRank }.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--head \(head): expected one of \(known); others are set in a configuration")
    }
  }

  private typealias Kind = NetworkDescription.Head.Kind

  /// The table of the network that a name or a file describes; `nil` where it is another kind of file.
  func text(of name: String) throws -> String? {
    if let preset = NetworkDescription.Preset(rawValue: name) {
      return try text(of: NetworkDescription(preset: preset))
    }
    if name.hasSuffix(".prototxt") { return try text(of: NetworkDescription(caffe: name)) }
    guard name.hasSuffix(".yaml") || name.hasSuffix(".yml") else { return nil }
    let node = try YAMLNode(parsing: TextFile.read(name), source: name)
    let decoder = StrictDecoder(source: name)
    let network = try decoder.decode(NetworkDescription.self, from: node["network"] ?? node)
    guard node["network"] != nil,
      let data = try node["data"].map({ try decoder.decode(DataConfiguration.self, from: $0) })
    else { return try text(of: network) }
    guard FileSystem.exists(data.path) else {
      return "\(data.path) is not there: the network is shown for an image of no dataset\n\n" + (try text(of: network))
    }
    let input = try NetworkInput(network, data)
    let others = input.hasOtherSizes ? "; others have other sizes" : ""
    let configuration = try node["task"].map { _ in try decoder.decode(Configuration.self, from: node) }
    return "for the first image of \(data.path) and its \(input.classes) classes\(others)\n\n"
      + (try text(of: input.network, for: input, by: configuration))
  }

  /// The table of a network.
  ///
  /// - Parameters:
  ///   - model: the model that it comes from.
  ///   - input: what it is fed with, unless an option says otherwise.
  ///   - configuration: the one whose task adds outputs.
  func text(
    of description: NetworkDescription, model: (any ImportedModel)? = nil, for input: NetworkInput? = nil,
    by configuration: Configuration? = nil
  ) throws -> String {
    var (description, model) = (description, model)
    if let imported = try description.importedModel() {
      model = imported
      description = try description.resolved()
    }
    if let kind = head.flatMap({ Kind(rawValue: $0) }) {
      if case .preset(let preset) = description.source {
        description = NetworkDescription(preset: preset, head: .init(kind: kind))
      } else {
        description.head = .init(kind: kind)
      }
    }
    var outputs = classes ?? input?.classes
    if let configuration, let count = outputs {
      description = configuration.described(description, classes: count)
      outputs = try configuration.task.init(
        configuration, classNames: (0..<count).map { "\($0)" }
      ).outputs
    }
    return try NetworkSummary(
      of: description, model: model, extent: size.map { Extent(side: $0) } ?? input?.extent,
      channels: channels ?? input?.channels, classes: outputs
    ).text(batch: batch)
  }
}

extension NetworkSummary {
  /// Layers with shapes and costs, then the sums.
  func text(batch: Int) -> String {
    let table = TextTable(
      header: ["layer", "kind", "output", "parameters", "MACs"],
      rows: [["image", "", "\(input)", "", ""]]
        + rows.map { row in
          [
            String(repeating: "  ", count: row.depth) + row.path, row.title, "\(row.output)",
            row.parameters > 0 ? row.parameters.grouped : "",
            row.multiplyAccumulates > 0 ? row.multiplyAccumulates.grouped : "",
          ]
        })
    func megabytes(_ elements: Int) -> String { "\((Double(elements) * 4 / 1e6).formatted(digits: 1)) MB" }
    func share(_ part: Int) -> String {
      "\(part.grouped) (\((100 * Double(part) / Double(max(parameters, 1))).formatted(digits: 1)) %)"
    }
    let (hidden, classifier) = fullyConnected
    return table.text + """

      parameters       \(parameters.grouped), \(megabytes(parameters))\
      \(statistics > 0 ? "; running statistics \(statistics.grouped)" : "")
      fully connected  \(share(hidden + classifier)): hidden layers \(share(hidden)), the last \(share(classifier))
      MACs             \(multiplyAccumulates.grouped) per image
      activations      \(megabytes(activations)) per image in training, \(megabytes(largestPair)) peak at inference
      training         about \(megabytes(2 * parameters + batch * (activations + largestPair))) with momentum at \(batch) \
      images per step

      """
  }
}

extension Int {
  /// With a comma before every three digits.
  var grouped: String {
    let digits = Array(String(magnitude))
    let parts = digits.enumerated().map { index, digit in
      (index > 0 && (digits.count - index).isMultiple(of: 3) ? "," : "") + String(digit)
    }
    return (self < 0 ? "-" : "") + parts.joined()
  }
}
