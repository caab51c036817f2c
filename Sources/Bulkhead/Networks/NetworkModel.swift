internal import Networks
internal import Serialization
internal import Support
internal import Tensors
internal import Training
internal import Weights

/// A network as a description: a preset with a head, a list of layers, or the model of a Keras or Caffe file.
///
/// A value holds no weights. Kinds of layers of your own are not public: `docs/networks.md` lists those that there are, and
/// `CONTRIBUTING.md` says how to add one to the library.
public struct NetworkModel: Sendable, Equatable {
  /// The description; a Keras model is read when it is needed.
  var value: NetworkDescription

  init(_ value: NetworkDescription) { self.value = value }

  /// A preset, with its own head or another.
  public init(_ preset: Preset, head: Head? = nil) {
    value = NetworkDescription(preset: preset.value, head: head?.value)
  }

  /// The network of a YAML text: the value of a configuration's key `network`, or a configuration that has one.
  ///
  /// - Throws: ``BulkheadError`` of the kind `invalid` with the line and the key that is wrong.
  public init(yaml text: String) throws(BulkheadError) {
    value = try translatingErrors { try Self.description(in: text, named: "network") }
  }

  /// The network of a file: of YAML, a model that Keras saved, or a `.prototxt` of Caffe.
  ///
  /// - Parameter path: a `.yaml`, `.yml` or `.prototxt` file, or an HDF5 file with an attribute `model_config`.
  /// - Throws: ``BulkheadError`` of the kind `missing` or `invalid`, also for layers that are not known.
  public init(opening path: String) throws(BulkheadError) {
    value = try translatingErrors {
      guard path.hasSuffix(".yaml") || path.hasSuffix(".yml") else {
        let isCaffe = path.hasSuffix(".prototxt")
        let description = isCaffe ? NetworkDescription(caffe: path) : NetworkDescription(keras: path)
        _ = try description.resolved()
        return description
      }
      return try Self.description(in: TextFile.read(path), named: path)
    }
  }

  private static func description(in text: String, named source: String) throws -> NetworkDescription {
    let node = try YAMLNode(parsing: text, source: source)
    return try StrictDecoder(source: source).decode(NetworkDescription.self, from: node["network"] ?? node)
  }

  /// The head on the backbone; nil keeps a list's or a model's own top.
  public var head: Head? {
    get { value.head.map { Head($0) } }
    set { value.head = newValue?.value }
  }

  /// The description as YAML, as a configuration has it under `network`.
  ///
  /// - Throws: ``BulkheadError`` of the kind `invalid` where a number is not finite.
  public var yaml: String {
    get throws(BulkheadError) {
      do { return try YAMLText.encode(value) } catch { throw BulkheadError(.invalid, "network: \(error)") }
    }
  }

  /// What the network costs for one square image, layer by layer.
  ///
  /// - Parameters:
  ///   - size: height and width in pixels; by default the network's own where it fixes them, or 224.
  ///   - channels: of the image; by default those of a Keras model, or 3.
  ///   - classes: outputs of the classifier; by default those of a Keras model, or 1000.
  /// - Throws: ``BulkheadError`` of the kind `invalid` where a layer does not fit what comes before it.
  public func summary(size: Int? = nil, channels: Int? = nil, classes: Int? = nil) throws(BulkheadError) -> Summary {
    try translatingErrors {
      Summary(
        try NetworkSummary(
          of: value.resolved(), model: value.importedModel(), extent: size.map { Extent(side: $0) }, channels: channels,
          classes: classes))
    }
  }
}
