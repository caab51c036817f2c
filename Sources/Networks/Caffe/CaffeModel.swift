internal import Kernels
package import Layers
package import Support
package import Tensors

/// The network of a Caffe `.prototxt`: its layers in the phase TEST, without losses and accuracies.
///
/// Paths are `features.` or, from the first layer on that is not spatial, `head.`, then Caffe's name, by which the weights of
/// a `.caffemodel` are found. A final softmax is dropped: networks end in logits.
package struct CaffeModel: ImportedModel {
  /// The layers, in order.
  package let layers: [LayerDescription]
  /// The images' extent in pixels; `nil` if the file does not fix it.
  package let size: Extent?
  /// The images' channels; `nil` if the file does not fix them.
  package let channels: Int?
  /// Outputs of the last fully connected layer, which its description leaves unspecified.
  package let classes: Int?
  /// What its source of data does to images (`transform_param`), in words.
  package let preparation: [String]
  /// The BatchNorm of each Scale.
  package let partners: [String: String]

  /// Reads a file.
  ///
  /// - Throws: `FileError` as `init(text:path:)`, and where it cannot be read.
  package init(opening path: String) throws(FileError) { try self.init(text: TextFile.read(path), path: path) }

  /// Reads a text.
  ///
  /// - Parameter path: the path of its file, for messages.
  /// - Throws: `FileError` where it is no network, or one with unsupported layers.
  package init(text: String, path: String) throws(FileError) {
    let network = try TextMessage(parsing: text, path: path)
    let all = CaffeLayer.layers(of: network)
    guard !all.isEmpty else {
      throw FileError(
        what: "a text without layers", path: path, expected: "a Caffe network, a .prototxt with layer { … }",
        action: network.text("net").map { "it is a solver; give the network that it names, \($0)" } ?? "")
    }
    guard all.count <= 4096 else {
      throw FileError(what: "a network of \(all.count) layers", path: path, expected: "at most 4096")
    }
    var reader = CaffeLayerReader(network)
    // A network for training alone has no source of images in the phase TEST.
    let isTested = network.text("input") != nil || all.contains { $0.isSource && $0.isIncluded(in: "TEST") }
    for layer in all where layer.isIncluded(in: isTested ? "TEST" : "TRAIN") { reader.read(layer) }
    let (layers, problems) = reader.finish()
    guard problems.isEmpty else {
      throw FileError(
        what: "its network has unsupported layers: \(problems.joined(separator: "; "))", path: path,
        expected: "one chain or branches of \(CaffeLayerReader.known.joined(separator: ", "))")
    }
    (self.layers, size, channels, classes) = (layers, reader.size, reader.channels, reader.classes)
    (preparation, partners) = (reader.preparation, reader.partners)
  }
}

/// A layer of a `.prototxt`, of the current or the first form (`layers`, with types in capitals).
struct CaffeLayer {
  let name: String
  let kind: String
  let inputs: [String]
  let outputs: [String]
  let settings: TextMessage

  static func layers(of network: TextMessage) -> [CaffeLayer] {
    network.fields.compactMap { field in
      guard field.name == "layer" || field.name == "layers", case .message(let settings) = field.value else {
        return nil
      }
      let kind = settings.text("type") ?? "?"
      return CaffeLayer(
        name: settings.text("name") ?? "?", kind: oldKinds[kind] ?? kind, inputs: settings.texts("bottom"),
        outputs: settings.texts("top"), settings: settings)
    }
  }

  /// Whether it gives images.
  var isSource: Bool { kind == "Input" || kind.hasSuffix("Data") }

  /// Whether the rules `include` and `exclude` keep the layer in a phase.
  func isIncluded(in phase: String) -> Bool {
    func matches(_ rule: TextMessage) -> Bool { rule.text("phase").map { $0 == phase } ?? true }
    let (included, excluded) = (settings.messages("include"), settings.messages("exclude"))
    return included.isEmpty ? !excluded.contains(where: matches) : included.contains(where: matches)
  }

  private static let oldKinds = [
    "ACCURACY": "Accuracy", "CONCAT": "Concat", "CONVOLUTION": "Convolution", "DATA": "Data", "DROPOUT": "Dropout",
    "ELTWISE": "Eltwise", "FLATTEN": "Flatten", "HDF5_DATA": "HDF5Data", "IMAGE_DATA": "ImageData",
    "INNER_PRODUCT": "InnerProduct", "MEMORY_DATA": "MemoryData", "POOLING": "Pooling", "RELU": "ReLU",
    "SILENCE": "Silence", "SOFTMAX": "Softmax", "SOFTMAX_LOSS": "SoftmaxWithLoss", "SPLIT": "Split",
    "DUMMY_DATA": "DummyData", "WINDOW_DATA": "WindowData",
  ]
}
