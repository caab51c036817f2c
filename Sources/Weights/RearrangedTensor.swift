internal import HDF5
internal import Support
internal import Tensors

/// A tensor that is rearranged when it is written: block by block, so that no second whole copy is made.
struct RearrangedTensor {
  let tensor: Tensor
  let arrangement: Arrangement
  let map: FlattenedMap?

  /// A tensor as Caffe and torch have it: outputs first, rows of a flattened map in (c, y, x) order.
  ///
  /// - Throws: `FileError` where the layer's map does not fit.
  init(
    outputsFirst tensor: Tensor, kind: String, layer: String, flattened: [String: FlattenedMap], path: String
  ) throws(FileError) {
    self.tensor = tensor
    let rank = kind == TensorRole.weight.rawValue ? tensor.shape.count : 0
    arrangement = rank == 4 ? .kernel(isMirrored: false) : rank == 2 ? .transposed : .same
    map = rank == 2 ? try flattened.map(ofLayer: layer, rows: tensor.shape[0], path: path) : nil
  }

  /// Its shape in the file.
  var shape: [Int] { arrangement.storedShape(of: tensor.shape) }

  /// Lends the values in the file's order, some 4 MiB at a time.
  func withBlocks<Failure: Error>(_ body: (Tensor) throws(Failure) -> Void) throws(Failure) {
    guard arrangement.hasOutputsFirst, let outputs = tensor.shape.last, tensor.count > 0 else {
      return try body(tensor)
    }
    let targets = arrangement.targets(for: tensor.shape, map: map)
    let length = max(16, (1 << 20) / (tensor.count / outputs))
    for start in stride(from: 0, to: outputs, by: length) {
      try body(tensor.outputsFirst(start..<min(start + length, outputs), targets: targets))
    }
  }

  /// A dataset to be written with these values.
  func dataset(at path: String) -> HDF5Writer.Values {
    HDF5Writer.Values(path: path, shape: shape) { body throws(FileError) in
      try withBlocks { block throws(FileError) in try block.withSpan(body) }
    }
  }
}
