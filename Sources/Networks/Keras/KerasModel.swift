internal import Kernels
package import Layers
package import Support
package import Tensors

/// The network of a Keras file: its `model_config`, a sequential model or a functional one without branches.
///
/// Layers below the first that makes features of maps lie under `features`, the others under `head`; their names are Keras's, so that
/// the file's weights are found. A softmax at the end is left out, as our networks end in logits.
package struct KerasModel: Sendable {
  package let layers: [LayerDescription]
  /// The images' extent, where the model fixes it.
  package let size: Extent?
  /// The images' channels, where the model fixes them.
  package let channels: Int?
  /// Outputs of the last fully connected layer, which the description leaves open.
  package let classes: Int?

  /// Reads a `model_config`.
  ///
  /// - Parameter path: of the file that it comes from, for messages.
  /// - Throws: `FileError` where it is no model, or one with layers that are not known.
  package init(json: String, path: String) throws(FileError) {
    let model: JSONValue
    do { model = try JSONValue(parsing: json) } catch {
      throw FileError(what: "its model_config is no JSON", path: path)
    }
    let kind = model["class_name"].string ?? "nothing"
    let configuration = model["config"]
    guard ["Sequential", "Functional", "Model"].contains(kind),
      let list = configuration.array ?? configuration["layers"].array
    else {
      throw FileError(
        what: "its model is a \(kind)", path: path, expected: "a Sequential or Functional model with its layers")
    }
    if kind != "Sequential", let problem = Self.branch(in: list) {
      throw FileError(
        what: problem, path: path, expected: "layers one after the other",
        action: "write the network as layers; residual layers have two chains")
    }
    var reader = KerasLayerReader()
    for layer in list { reader.read(layer) }
    let problems = reader.finish()
    guard problems.isEmpty else {
      throw FileError(
        what: "its model cannot be made of our layers: \(problems.joined(separator: "; "))", path: path,
        expected: "layers of \(KerasLayerReader.known.joined(separator: ", "))")
    }
    (layers, size, channels, classes) = (reader.layers, reader.inputExtent, reader.inputChannels, reader.classes)
  }

  /// What is wrong where a layer does not take what the layer before it gives, and that alone.
  private static func branch(in layers: [JSONValue]) -> String? {
    var previous: String?
    for layer in layers {
      let name = layer["name"].string ?? layer["config"]["name"].string ?? "?"
      let inputs = sources(in: layer["inbound_nodes"])
      guard inputs == (previous.map { [$0] } ?? []) else {
        let from = inputs.isEmpty ? "nothing" : inputs.joined(separator: ", ")
        return "its layer \(name) takes \(from), not \(previous ?? "the images") alone"
      }
      previous = name
    }
    return nil
  }

  /// Names of the layers that a layer takes: Keras 2 writes `["name", 0, 0, {}]`, Keras 3 a `keras_history`.
  private static func sources(in value: JSONValue) -> [String] {
    switch value {
    case .array(let values):
      if case .string(let name)? = values.first, values.count >= 3, values[1].number != nil { return [name] }
      return values.flatMap { sources(in: $0) }
    case .object(let values):
      if case .array(let history)? = values["keras_history"] { return history.first?.string.map { [$0] } ?? [] }
      return values.keys.sorted().flatMap { sources(in: values[$0] ?? .null) }
    default: return []
    }
  }
}
