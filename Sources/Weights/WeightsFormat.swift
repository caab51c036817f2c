internal import HDF5
package import Support

/// The layouts of weight files that are known.
package enum WeightsFormat: String, Sendable, CaseIterable, Codable {
  /// Keras's `.h5`, of weights or of a whole model, of Keras 0 to 3.
  case keras
  /// Keras 3's `.weights.h5`.
  case keras3
  /// Caffe's `.caffemodel.h5`.
  case caffe
  /// A torch state dictionary as HDF5 datasets.
  case torch
  case safetensors
  /// The initializers of an ONNX graph; read only.
  case onnx
  /// Caffe's binary `.caffemodel`; read only.
  case caffemodel

  /// The order of a flattened map's rows in files of this layout that do not say otherwise.
  package var flattenOrder: FlattenOrder {
    switch self {
    case .keras, .keras3: .hwc
    case .caffe, .torch, .safetensors, .onnx, .caffemodel: .chw
    }
  }

  /// Whether the layout's programs have both scale and offset of a normalization, or neither.
  var pairsScaleAndOffset: Bool { self == .caffe || self == .torch || self == .safetensors }

  /// Whether the layout's own programs match layers by order.
  var loadsByOrder: Bool { self == .keras || self == .keras3 }

  /// Whether files of this layout are HDF5 files.
  package var isHDF5: Bool {
    switch self {
    case .keras, .keras3, .caffe, .torch: true
    case .safetensors, .onnx, .caffemodel: false
    }
  }

  /// Whether files of this layout can be written.
  package var isWritten: Bool { self != .onnx && self != .caffemodel }

  /// The detected layout of a file; nil for an HDF5 file in none of them.
  ///
  /// - Throws: `FileError` where the file is missing or of no known kind.
  package init?(of path: String) throws(FileError) {
    let file = try RawFile(reading: path)
    let head = try file.read(min(16, file.size), of: UInt8.self, at: 0)
    if !head.starts(with: [0x89, 0x48, 0x44, 0x46]) {
      if path.hasSuffix(".safetensors") || SafeTensors.isLikely(head, size: file.size) {
        self = .safetensors
        return
      }
      // The first field of an ONNX model is its version, a number.
      if path.hasSuffix(".onnx") || head.starts(with: [0x08]) && head.count > 2 && head[1] < 32 {
        self = .onnx
        return
      }
      // The first field of a Caffe network is its name, a text.
      if path.hasSuffix(".caffemodel") || head.starts(with: [0x0A]) && CaffeBinary.isLikely(path) {
        self = .caffemodel
        return
      }
    }
    let found = try withFileErrors { () throws(HDF5Error) in try Self.find(in: HDF5File(opening: path)) }
    guard let found else { return nil }
    self = found
  }

  private static func find(in file: borrowing HDF5File) throws(HDF5Error) -> WeightsFormat? {
    if try KerasLayout.groupPath(in: file) != nil || file.hasAttribute("nb_layers") { return .keras }
    if CaffeLayout.isSolverState(file) { return nil }
    if try CaffeLayout.isLikely(file) { return .caffe }
    if try !Keras3Layout.groups(of: file).isEmpty { return .keras3 }
    return try TorchLayout.datasets(of: file).contains { $0.key.hasSuffix(".weight") } ? .torch : nil
  }
}
