import Kernels
import Layers

extension NetworkDescription: Codable {
  /// Decodes one of `preset` (default `small-vgg`), `layers`, `keras` and `caffe`, then `size`, `head` and `outputs`.
  ///
  /// - Throws: `DecodingError` for two sources of layers, no layer, outputs of one name, and what layers throw.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let sources: [CodingKeys] = [.preset, .layers, .keras, .caffe]
    let given = sources.filter { values.contains($0) }
    guard given.count <= 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: given[1], in: values, debugDescription: "\(given[0].rawValue) is given too; expected only one of them")
    }
    let head = try values.decodeIfPresent(Head.self, forKey: .head)
    switch given.first {
    case .layers:
      let layers = try values.decode([LayerDescription].self, forKey: .layers)
      guard !layers.isEmpty else {
        throw DecodingError.dataCorruptedError(
          forKey: .layers, in: values, debugDescription: "expected at least one layer")
      }
      let size = values.contains(.size) ? try values.extent(.size, in: 1...65_536) : nil
      self.init(layers: layers, size: size, head: head)
    case .keras: self.init(keras: try values.decode(String.self, forKey: .keras), head: head)
    case .caffe: self.init(caffe: try values.decode(String.self, forKey: .caffe), head: head)
    default:
      let preset = try values.decodeIfPresent(Preset.self, forKey: .preset) ?? .smallVGG
      self.init(preset: preset, head: head)
    }
    outputs = try values.decodeIfPresent([OutputDescription].self, forKey: .outputs) ?? []
    let names = outputs.map(\.name) + (self.head == nil ? [] : [NetworkOutputs.main])
    guard Set(names).count == names.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .outputs, in: values,
        debugDescription: "expected different names of outputs; the head's output is named \(NetworkOutputs.main)")
    }
  }

  /// Encodes the source of the layers, the head and the named outputs.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch source {
    case .preset(let preset): try values.encode(preset, forKey: .preset)
    case .keras(let path): try values.encode(path, forKey: .keras)
    case .caffe(let path): try values.encode(path, forKey: .caffe)
    case .layers(let layers, let size):
      try values.encodeIfPresent(size, forKey: .size)
      try values.encode(layers, forKey: .layers)
    }
    try values.encodeIfPresent(head, forKey: .head)
    if !outputs.isEmpty { try values.encode(outputs, forKey: .outputs) }
  }

  enum CodingKeys: String, CodingKey { case preset, size, layers, keras, caffe, head, outputs }
}
