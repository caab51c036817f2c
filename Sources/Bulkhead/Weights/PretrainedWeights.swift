internal import Tensors
internal import Weights

/// A file of weights in any known layout: Keras, Keras 3, Caffe (binary and HDF5), torch, safetensors, ONNX, NumPy, or a
/// checkpoint.
///
/// Opening lists what is in the file; values are read when asked, always in this library's own layout: convolutions
/// `[height, width, in, out]`, linear layers `[in, out]`. A value may be used from several threads at once.
public struct PretrainedWeights: Sendable {
  /// How a file of weights is laid out.
  public enum Layout: String, Sendable, CaseIterable {
    /// Keras's `.h5`, of weights or of a whole model.
    case keras
    /// Keras 3's `.weights.h5`.
    case keras3
    /// Caffe's `.caffemodel.h5`.
    case caffe
    /// A torch state dictionary as HDF5 datasets.
    case torch
    /// Hugging Face's safetensors, with torch's names and shapes.
    case safetensors
    /// The initializers of an ONNX graph; read only.
    case onnx
    /// Keras 3's archive of model and weights, `.keras`; read only.
    case kerasArchive = "keras-archive"
    /// Caffe's binary `.caffemodel`; read only.
    case caffemodel
    /// A file of `torch.save`, `.pt` or `.pth`; read only. Nothing in it is executed.
    case pt
    /// A .npz archive or a pickle of NumPy arrays, whose arrangement biases and names tell; read only.
    case numpy
    /// The same with outputs first: `[out, in]`, `[out, in, height, width]`; read only.
    case numpyTorch = "numpy-torch"
    /// The same with outputs last: `[in, out]`, `[height, width, in, out]`; read only.
    case numpyKeras = "numpy-keras"

    /// The module's own.
    var value: WeightsFormat {
      switch self {
      case .keras: .keras
      case .keras3: .keras3
      case .caffe: .caffe
      case .torch: .torch
      case .safetensors: .safetensors
      case .onnx: .onnx
      case .kerasArchive: .kerasArchive
      case .caffemodel: .caffemodel
      case .pt: .pt
      case .numpy: .numpy
      case .numpyTorch: .numpyTorch
      case .numpyKeras: .numpyKeras
      }
    }
  }

  /// The order in which a flattened map's cells become the rows of the fully connected layer after it.
  public enum FlattenOrder: String, Sendable, CaseIterable {
    /// row = (y·W + x)·C + c: Keras's, and this library's.
    case heightWidthChannels = "hwc"
    /// row = c·H·W + y·W + x: Caffe's and torch's.
    case channelsHeightWidth = "chw"
  }

  /// A tensor of a file.
  public struct StoredTensor: Sendable, Equatable {
    /// The name of its layer in the file.
    public let layer: String
    /// What it is to its layer: `weight`, `bias`, `scale`, `offset`, `mean`, `variance`, or the file's name for it.
    public let kind: String
    /// Its shape in this library's layout.
    public let shape: [Int]
    /// Its shape in the file.
    public let storedShape: [Int]
    /// The type of its elements in the file, such as `float32`.
    public let elementType: String

    /// Layer and kind, such as `fc6.weight`.
    public var name: String { "\(layer).\(kind)" }
  }

  let file: WeightsFile

  /// Opens a file and lists it.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - layout: found by looking where it is nil.
  ///   - flattenOrder: of the file; the layout's own where it is nil.
  ///   - part: the state dictionary to take of a torch file that has several, by its keys joined by dots.
  /// - Throws: ``BulkheadError`` of the kind `missing` or `invalid`.
  public init(
    opening path: String, as layout: Layout? = nil, flattenOrder: FlattenOrder? = nil, part: String? = nil
  ) throws(BulkheadError) {
    file = try translatingErrors {
      let order = flattenOrder.map { $0 == .heightWidthChannels ? Weights.FlattenOrder.hwc : .chw }
      return try WeightsFile(opening: path, as: layout?.value, flattenOrder: order, part: part)
    }
  }

  /// The file's path.
  public var path: String { file.path }
  /// The layout that was found, in words, such as `Keras legacy in /model_weights, Keras 2.4.3`.
  public var layout: String { file.layout }
  /// The order of a flattened map's rows in the file.
  public var flattenOrder: FlattenOrder { file.flattenOrder == .hwc ? .heightWidthChannels : .channelsHeightWidth }
  /// The names of the layers that have tensors, in the file's order.
  public var layers: [String] { file.layers }
  /// All tensors, in the file's order of layers.
  public var tensors: [StoredTensor] {
    file.tensors.map {
      StoredTensor(
        layer: $0.layer, kind: $0.kind, shape: $0.shape, storedShape: $0.storedShape, elementType: $0.elementType)
    }
  }

  /// By layer, the map that the network in the file flattens before it; layers that follow no flattening have none. Nil
  /// where the file has no network, or one that cannot be followed.
  public var flattenedMaps: [String: FlattenedMap]? {
    file.flattenedMaps?.mapValues { FlattenedMap(height: $0.height, width: $0.width, channels: $0.channels) }
  }
  /// The tensors of the file that belong to no layer, counted by kind in words.
  public var leftovers: [String] { file.leftovers.map(\.description) }

  /// The values of a tensor, in this library's layout and row-major order.
  ///
  /// - Parameter name: layer and kind, such as `fc6.weight`.
  /// - Throws: ``BulkheadError`` of the kind `missing` where the file has no such tensor, `invalid` where it cannot be
  ///   read or holds values that are not finite.
  public func values(of name: String) throws(BulkheadError) -> [Float] {
    try translatingErrors {
      guard let tensor = file.tensors.first(where: { $0.name == name }) else {
        throw BulkheadError(
          .missing, "\(path): has no tensor \(name); expected one of \(tensors.map(\.name).joined(separator: ", "))")
      }
      return try file.values(of: tensor).values
    }
  }
}
