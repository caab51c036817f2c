internal import Tensors

/// A layer of a file or of a network by the kinds and our shapes of its tensors.
struct LayerOutline {
  let name: String
  var tensors: [(kind: String, shape: [Int])]

  var weightShape: [Int]? { tensors.first { $0.kind == TensorRole.weight.rawValue }?.shape }

  /// The shape by which layers of one class are told apart: the weight's, or that of a normalization's tensors.
  var signature: [Int]? { weightShape ?? tensors.first?.shape }

  var layerClass: LayerClass {
    if let weightShape { return weightShape.count == 4 ? .convolution : weightShape.count == 2 ? .linear : .other }
    let isNormalization = tensors.contains {
      $0.kind == TensorRole.mean.rawValue || $0.kind == TensorRole.scale.rawValue
    }
    return isNormalization ? .normalization : .other
  }
}

/// The class of a layer, by the tensors that it has.
enum LayerClass: Sendable, CaseIterable {
  case convolution, linear, normalization, other

  /// In words, for a number of layers.
  func counted(_ count: Int) -> String {
    let name =
      switch self {
      case .convolution: "convolution"
      case .linear: "linear layer"
      case .normalization: "normalization"
      case .other: "other layer"
      }
    return "\(count) \(name)\(count == 1 ? "" : "s")"
  }
}

extension LayerWeights {
  var outline: LayerOutline { LayerOutline(name: name, tensors: tensors.map { ($0.kind, $0.tensor.shape) }) }
  var layerClass: LayerClass { outline.layerClass }
}

extension WeightsFile {
  /// The layers of the file, in its order.
  var outlines: [LayerOutline] {
    let tensors = Dictionary(grouping: tensors, by: \.layer)
    return layers.map { layer in
      LayerOutline(name: layer, tensors: (tensors[layer] ?? []).map { ($0.kind, $0.shape) })
    }
  }
}
