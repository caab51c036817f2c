internal import HDF5
internal import Serialization
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
  /// Keras 3's archive of model and weights, `.keras`; read only.
  case kerasArchive = "keras-archive"
  /// Caffe's binary `.caffemodel`; read only.
  case caffemodel
  /// A file of `torch.save`, `.pt` or `.pth`; read only.
  case pt
  /// A .npz archive or a pickle of NumPy arrays, whose arrangement biases and names tell; read only.
  case numpy
  /// The same with outputs first, as in torch: `[out, in]`, `[out, in, height, width]`; read only.
  case numpyTorch = "numpy-torch"
  /// The same with outputs last, as in Keras: `[in, out]`, `[height, width, in, out]`; read only.
  case numpyKeras = "numpy-keras"

  /// The order of a flattened map's rows in files of this layout that do not say otherwise.
  package var flattenOrder: FlattenOrder {
    switch self {
    case .keras, .keras3, .kerasArchive, .numpy, .numpyKeras: .hwc
    case .caffe, .torch, .safetensors, .onnx, .caffemodel, .pt, .numpyTorch: .chw
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
    case .safetensors, .onnx, .kerasArchive, .caffemodel, .pt, .numpy, .numpyTorch, .numpyKeras: false
    }
  }

  /// Whether files of this layout can be written.
  package var isWritten: Bool { isHDF5 || self == .safetensors }

  /// The layouts that are written, in words.
  package static let written = allCases.filter(\.isWritten).map(\.rawValue).joined(separator: ", ")

  /// The detected layout of a file; nil for an HDF5 file in none of them.
  ///
  /// - Throws: `FileError` where the file is missing or of no known kind.
  package init?(of path: String) throws(FileError) {
    let nature = try FileNature(of: path)
    switch nature {
    case .safetensors: self = .safetensors
    case .onnx: self = .onnx
    case .legacyTorch: self = .pt
    case .pickle: self = .numpy
    case .numpy:
      let header = try NumPyHeader(of: FileSource(opening: path))
      guard header.holdsObjects else { throw nature.refusal(path, expected: Self.expectation) }
      self = .numpy
    case .zip:
      let archive = try ZipArchive(opening: path)
      if try TorchFile.root(of: archive) != nil {
        self = .pt
      } else if KerasArchive.isLikely(archive) {
        self = .kerasArchive
      } else if archive.entries.contains(where: { $0.name.hasSuffix(".npy") }) {
        self = .numpy
      } else {
        throw nature.refusal(path, expected: Self.expectation)
      }
    case .unknown where CaffeBinary.isLikely(path): self = .caffemodel
    case .hdf5, .matlab, .unknown:
      // MATLAB and others may put a block of their own before HDF5's signature.
      let found: WeightsFormat?
      do throws(HDF5Error) { found = try Self.find(in: HDF5File(opening: path)) } catch {
        throw nature == .unknown ? nature.refusal(path, expected: Self.expectation) : FileError(error)
      }
      guard let found else { return nil }
      self = found
    case .caffe: self = .caffemodel
    // A Caffe network begins with its name, a text.
    case .text where CaffeBinary.isLikely(path): self = .caffemodel
    default: throw nature.refusal(path, expected: Self.expectation)
    }
  }

  /// What files of weights are, in words.
  static let expectation =
    "weights in HDF5, safetensors, ONNX, .keras, .caffemodel, torch's .pt, .npz or a pickle of arrays"

  private static func find(in file: borrowing HDF5File) throws(HDF5Error) -> WeightsFormat? {
    if try KerasLayout.groupPath(in: file) != nil || file.hasAttribute("nb_layers") { return .keras }
    if CaffeLayout.isSolverState(file) { return nil }
    if try CaffeLayout.isLikely(file) { return .caffe }
    if try !Keras3Layout.groups(of: file).isEmpty { return .keras3 }
    return try TorchLayout.datasets(of: file).contains { $0.key.hasSuffix(".weight") } ? .torch : nil
  }
}
