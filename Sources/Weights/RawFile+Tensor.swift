internal import Kernels
internal import Support
internal import Synchronization
internal import Tensors

extension RawFile {
  /// Values that lie one after another as float32, and whether all are finite: read on all threads, in parts that are
  /// still in cache when they are looked through.
  ///
  /// - Throws: `FileError` where the file ends before them or cannot be read.
  func tensor(at offset: Int, shape: [Int]) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    let isFinite = Atomic<Bool>(true)
    let tensor = try Tensor(shape, partSize: 1 << 19) { part, first throws(FileError) in
      try read(into: &part, at: offset + MemoryLayout<Float>.stride * first)
      if !Elementwise.isFinite(part.span) { isFinite.store(false, ordering: .relaxed) }
    }
    return (tensor, isFinite.load(ordering: .relaxed))
  }
}
