internal import HDF5
internal import Kernels
internal import Synchronization
internal import Tensors

/// The values of a tensor on their way between memory and files: the one file of this room that holds pointers.
extension Tensor {
  /// Reads a whole dataset, converted to Float.
  init(reading dataset: borrowing HDF5Dataset) throws(HDF5Error) {
    let shape = dataset.shape
    try dataset.requireNumbers(as: Float.self)
    self.init(uninitialized: shape)
    let count = count
    try withUnsafeMutablePointer { pointer throws(HDF5Error) in
      try dataset.read(
        into: UnsafeMutableBufferPointer(start: pointer, count: count), offset: shape.map { _ in 0 }, count: shape)
    }
  }

  /// Reads values that lie one after another as float32, on all threads: new memory takes longer than the bytes.
  /// - Throws: `StorageError` where the file ends before them or cannot be read.
  init(reading file: borrowing ByteFile, at offset: Int, shape: [Int]) throws(StorageError) {
    self.init(uninitialized: shape)
    let (count, part) = (count, 1 << 20)
    let failure = Mutex<StorageError?>(nil)
    withUnsafeMutablePointer { base in
      ThreadPool.shared.parallel((count + part - 1) / part) { index in
        let first = index * part
        let buffer = UnsafeMutableBufferPointer(start: base + first, count: min(part, count - first))
        do throws(StorageError) {
          try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: offset + MemoryLayout<Float>.stride * first)
        } catch { failure.withLock { $0 = error } }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  /// A dataset to be written with these values.
  func dataset(at path: String) -> AtomicFile.Values {
    AtomicFile.Values(path: path, shape: shape) { body throws(HDF5Error) in try withBytes(body) }
  }

  /// Lends the values while `body` runs.
  func withBytes(_ body: AtomicFile.Values.Body) throws(HDF5Error) {
    try withUnsafePointer { pointer throws(HDF5Error) in
      try body(UnsafeRawBufferPointer(UnsafeBufferPointer(start: pointer, count: count)))
    }
  }
}

/// CRC-32 over names, values and text, as zlib computes it.
struct Checksum {
  private var bytes = CRC32()
  var value: UInt32 { bytes.value }

  mutating func add(_ tensor: Tensor) {
    tensor.withUnsafePointer { pointer in
      bytes.add(UnsafeRawBufferPointer(UnsafeBufferPointer(start: pointer, count: tensor.count)))
    }
  }

  mutating func add(_ text: String) {
    Array(text.utf8).withUnsafeBytes { bytes.add($0) }
  }
}
