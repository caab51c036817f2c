internal import HDF5
internal import Kernels
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
  func dataset(at path: String) -> AtomicFile.Values {
    AtomicFile.Values(path: path, shape: shape) { body throws(HDF5Error) in
      try withSpan(body)
    }
  }
}

/// CRC-32 over names, values and text, as zlib computes it.
struct Checksum {
  private var bytes = CRC32()
  var value: UInt32 { bytes.value }

  mutating func add(_ tensor: Tensor) { tensor.withSpan { bytes.add($0) } }

  mutating func add(_ text: String) { bytes.add(Array(text.utf8).span) }
}
