#if canImport(Glibc)
  import Glibc
#endif

/// A dense array of Float in row-major order with value semantics: copies share storage until one is changed.
package struct Tensor: Sendable {
  /// The extent of each dimension; `[]` is a scalar.
  package private(set) var shape: [Int]
  private var storage: Storage

  /// The number of elements: the product of `shape`.
  package var count: Int { storage.count }

  /// A tensor of zeros.
  package init(zeros shape: [Int]) {
    self.init(uninitialized: shape)
    storage.base.update(repeating: 0, count: storage.count)
  }

  /// A tensor whose elements are all `value`.
  package init(repeating value: Float, shape: [Int]) {
    self.init(uninitialized: shape)
    storage.base.update(repeating: value, count: storage.count)
  }

  /// A tensor of `values` in row-major order; traps unless their number is the product of `shape`.
  package init(_ values: [Float], shape: [Int]) {
    self.init(uninitialized: shape)
    precondition(values.count == storage.count, "Tensor: \(values.count) values for shape \(shape)")
    values.withUnsafeBufferPointer { storage.base.update(from: $0.baseAddress!, count: $0.count) }
  }

  /// A vector of `values`.
  package init(_ values: [Float]) { self.init(values, shape: [values.count]) }

  /// A scalar, shape `[]`.
  package init(scalar value: Float) { self.init([value], shape: []) }

  /// A tensor with uninitialized elements; write every element before reading any.
  package init(uninitialized shape: [Int]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "Tensor: negative extent in shape \(shape)")
    self.shape = shape
    storage = Storage(count: shape.reduce(1, *))
  }

  /// The same elements in another shape of equal count; copies nothing.
  package func reshaped(to shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == count, "Tensor.reshaped: \(self.shape) to \(shape), which has another count")
    var result = self
    result.shape = shape
    return result
  }

  /// All elements in row-major order.
  package var values: [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 { buffer.baseAddress!.initialize(from: storage.base, count: count) }
      initialized = count
    }
  }

  /// The element at a row-major index.
  package subscript(position: Int) -> Float {
    get {
      precondition(position >= 0 && position < count, "Tensor: position \(position) of \(count)")
      return storage.base[position]
    }
    set {
      precondition(position >= 0 && position < count, "Tensor: position \(position) of \(count)")
      makeUnique()
      storage.base[position] = newValue
    }
  }

  /// The only element; traps unless the count is 1.
  package var scalar: Float {
    precondition(count == 1, "Tensor.scalar: shape \(shape) has \(count) elements")
    return storage.base[0]
  }

  /// Lends the elements in row-major order.
  ///
  /// - Throws: what `body` throws.
  package func withSpan<Result, Failure: Error>(_ body: (Span<Float>) throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    try body(UnsafeBufferPointer(start: storage.base, count: count).span)
  }

  /// Lends the elements for changes in place; copies them first if another tensor shares them.
  ///
  /// - Throws: what `body` throws.
  package mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withMutableSpan(of: 0..<count, body)
  }

  /// Lends a range of elements for changes in place; copies the tensor first if another one shares its storage.
  ///
  /// - Throws: what `body` throws.
  package mutating func withMutableSpan<Result, Failure: Error>(
    of range: Range<Int>, _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "Tensor: elements \(range) of \(count)")
    makeUnique()
    let buffer = UnsafeMutableBufferPointer(start: storage.base + range.lowerBound, count: range.count)
    var span = buffer.mutableSpan
    return try body(&span)
  }

  /// Lends a pointer to the elements, for kernels, HDF5 transfers and tests.
  ///
  /// - Throws: what `body` throws.
  package func withUnsafePointer<Result, Failure: Error>(
    _ body: (UnsafePointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let storage = storage
    return try body(UnsafePointer(storage.base))
  }

  /// Lends a pointer for changes in place; copies the elements first if another tensor shares them.
  ///
  /// - Throws: what `body` throws.
  package mutating func withUnsafeMutablePointer<Result, Failure: Error>(
    _ body: (UnsafeMutablePointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    makeUnique()
    return try body(storage.base)
  }

  /// Whether a change in place copies nothing.
  package mutating func isUniquelyReferenced() -> Bool { isKnownUniquelyReferenced(&storage) }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
  }
}

extension Tensor: Equatable {
  /// Whether shapes and all elements are bit-for-bit identical: NaN equals itself, 0 differs from −0.
  package static func == (left: Tensor, right: Tensor) -> Bool {
    left.shape == right.shape
      && memcmp(left.storage.base, right.storage.base, left.count * MemoryLayout<Float>.stride) == 0
  }
}

/// Aligned memory of Float, freed once. Only a uniquely referenced `Tensor` writes to it.
private final class Storage: Sendable {
  nonisolated(unsafe) let base: UnsafeMutablePointer<Float>
  let count: Int
  /// The allocation; `base` lies inside it.
  private nonisolated(unsafe) let memory: UnsafeMutableRawPointer
  /// The bytes of a block of the pool; 0 if it is none.
  private let pooled: Int

  /// The size of a huge page; allocations of two or more are whole pages, request huge ones, and come from a pool.
  private static let hugePage = 2 << 20

  init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let isLarge = bytes >= 2 * Self.hugePage
    let alignment = isLarge ? Self.hugePage : 64
    pooled = isLarge ? (bytes + 2 * alignment - 1) / alignment * alignment : 0
    // Allocate more and align by hand: glibc before 2.38 searches aligned memory in a larger hole than the one that the same
    // tensor left a step before, so that memory grows and is cleared again.
    guard let memory = isLarge ? BlockPool.shared.take(pooled) : malloc(bytes + alignment) else {
      fatalError("Tensor: cannot allocate \(bytes) bytes; use a smaller batch or network")
    }
    self.memory = memory
    let start = memory.alignedUp(toMultipleOf: alignment)
    if isLarge { madvise(start, bytes, MADV_HUGEPAGE) }
    base = start.bindMemory(to: Float.self, capacity: max(count, 1))
  }

  convenience init(copying other: Storage) {
    self.init(count: other.count)
    base.update(from: other.base, count: other.count)
  }

  deinit { if pooled > 0 { BlockPool.shared.give(memory, pooled) } else { free(memory) } }
}
