internal import HDF5
internal import Kernels
internal import Support
internal import Synchronization
internal import Tensors

/// The values of a tensor on their way between memory and files.
extension Tensor {
  /// Reads a whole dataset, converted to Float.
  init(reading dataset: borrowing HDF5Dataset) throws(HDF5Error) {
    let shape = dataset.shape
    try dataset.requireNumbers(as: Float.self)
    self.init(uninitialized: shape)
    try withMutableSpan { span throws(HDF5Error) in
      try dataset.read(into: &span, offset: shape.map { _ in 0 }, count: shape)
    }
  }

  /// A dataset to be written with these values.
  func dataset(at path: String) -> HDF5Writer.Values {
    HDF5Writer.Values(path: path, shape: shape) { body throws(FileError) in
      try withSpan(body)
    }
  }
}

extension CRC32 {
  /// Adds the values of a tensor as they lie in memory.
  mutating func add(_ tensor: Tensor) { tensor.withSpan { add($0) } }
}
