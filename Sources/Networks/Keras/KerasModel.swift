internal import Kernels
package import Layers
package import Support
package import Tensors

/// The network of a Keras file, from its `model_config`: a Sequential model, or a Functional one without branches.
///
/// Paths are `features.` or, from the first layer on that is not spatial, `head.`, then Keras's name, by which the file's
/// weights are found. A final softmax is dropped: networks end in logits.
package struct KerasModel: ImportedModel {
  /// The layers, in order.
  package let layers: [LayerDescription]
  /// The images' extent in pixels; `nil` if the model does not fix it.
  package let size: Extent?
  /// The images' channels; `nil` if the model does not fix them.
  package let channels: Int?
  /// Outputs of the last fully connected layer, which its description leaves unspecified.
  package let classes: Int?

  /// Reads a `model_config`.
  ///
  /// - Parameter path: the path of its file, for messages.
  /// - Throws: `FileError` if it is not a model, or a model with unsupported layers.
  package init(json: String, path: String) throws(FileError) {
    let model: JSONValue
    do { model = try JSONValue(parsing: json) } catch {
      throw FileError(what: "its model_config is not JSON", path: path)
    }
    let kind = model.kerasClass ?? "nothing"
    let configuration = model["config"]
    guard ["Sequential", "Functional", "Model"].contains(kind),
      let list = configuration.array ?? configuration["layers"].array
    else {
      throw FileError(
        what: "its model is a \(kind)", path: path, expected: "a Sequential or Functional model with its layers")
    }
    var reader = KerasLayerReader()
    let counts = Dictionary(Self.names(in: list, depth: 0).map { ($0, 1) }, uniquingKeysWith: +)
    if let problem = Self.severalOutputs(of: model, "its model") {
      throw FileError(
        what: problem, path: path, expected: "one output",
        action: "save a model of one of them: keras.Model(model.inputs, model.get_layer(NAME).output)")
    }
    if let problem = Self.read(list, isChain: kind == "Sequential", under: [], counts, into: &reader) {
      throw FileError(
        what: problem, path: path, expected: "a chain of layers",
        action: "describe the network under network.layers, with residual and concatenation layers for branches")
    }
    let problems = reader.finish()
    guard problems.isEmpty else {
      throw FileError(
        what: "its model has unsupported layers: \(problems.joined(separator: "; "))", path: path,
        expected: "layers of \(KerasLayerReader.known.joined(separator: ", "))")
    }
    (layers, size, channels, classes) = (reader.layers, reader.inputExtent, reader.inputChannels, reader.classes)
  }

  /// The layers of a model within the model.
  private static func inner(_ layer: JSONValue) -> [JSONValue]? {
    guard ["Sequential", "Functional", "Model"].contains(layer.kerasClass ?? "") else { return nil }
    return layer["config"].array ?? layer["config"]["layers"].array
  }

  private static func name(_ layer: JSONValue) -> String {
    layer["config"]["name"].string ?? layer["name"].string ?? "?"
  }

  /// The names of all layers but models.
  private static func names(in list: [JSONValue], depth: Int) -> [String] {
    guard depth < 16 else { return [] }
    return list.flatMap { layer in inner(layer).map { names(in: $0, depth: depth + 1) } ?? [name(layer)] }
  }

  /// Reads the layers of a model and of the models in it; returns why they are no chain.
  private static func read(
    _ list: [JSONValue], isChain: Bool, under path: [String], _ counts: [String: Int],
    into reader: inout KerasLayerReader
  ) -> String? {
    if !isChain, let problem = branch(in: list) { return problem }
    for layer in list {
      let own = name(layer)
      if let inner = inner(layer), path.count < 16 {
        let isSequential = layer["class_name"].string == "Sequential"
        if let problem = severalOutputs(of: layer, "its model \(own)") { return problem }
        if let problem = read(inner, isChain: isSequential, under: path + [own], counts, into: &reader) {
          return problem
        }
      } else if path.isEmpty {
        reader.read(layer)
      } else {
        // The last part of a path must be one layer's alone.
        let isUnique = counts[own] == 1
        reader.read(
          layer, under: path.map { $0 + "." }.joined(),
          as: isUnique ? nil : (path + [own]).joined(separator: "_"))
      }
    }
    return nil
  }

  /// Of a model that gives several outputs, or one before its end, that in words.
  private static func severalOutputs(of model: JSONValue, _ name: String) -> String? {
    let outputs = model["config"]["output_layers"].kerasTensors
    guard let first = outputs.first else { return nil }
    if outputs.count > 1 {
      return "\(name) has \(outputs.count) outputs (\(outputs.map(\.layer).joined(separator: ", ")))"
    }
    let layers = model["config"]["layers"].array ?? []
    guard let last = layers.last.map(Self.name), last != first.layer else { return nil }
    return "\(name) has the output \(first.layer), and \(last) comes behind it"
  }

  /// The first layer whose only input is not the layer before it, as an error message.
  private static func branch(in layers: [JSONValue]) -> String? {
    var previous: String?
    for layer in layers {
      let name = layer["name"].string ?? layer["config"]["name"].string ?? "?"
      let inputs = layer["inbound_nodes"].kerasInputs
      guard inputs == (previous.map { [$0] } ?? []) else {
        let from = inputs.isEmpty ? "nothing" : inputs.joined(separator: ", ")
        return "its layer \(name) takes \(from), not \(previous ?? "the images") alone"
      }
      previous = name
    }
    return nil
  }
}
