package import Support

/// An array of numbers in a file or in memory, of any type, byte order and strides, read in C order when asked.
package struct StoredArray: Sendable {
  /// Extents, the slowest first.
  package let shape: [Int]
  /// The type of its elements.
  package let type: NumberType
  /// Whether the highest byte of an element comes first.
  package let isBigEndian: Bool
  /// Elements from one position of each axis to the next.
  package let strides: [Int]
  /// Where its bytes are.
  package let source: any ByteSource
  /// Where its first element begins, in bytes of the source.
  package let offset: Int
  /// The number of elements.
  package let count: Int

  /// An array in C order, or in Fortran order (the first axis fastest).
  ///
  /// - Throws: `FileError` where the shape is beyond counting or exceeds the source.
  package init(
    shape: [Int], type: NumberType, isBigEndian: Bool = false, isFortran: Bool = false, source: any ByteSource,
    offset: Int = 0
  ) throws(FileError) {
    guard let strides = Self.strides(of: shape, isFortran: isFortran) else {
      throw Self.impossible(shape, source.path)
    }
    try self.init(
      shape: shape, strides: strides, type: type, isBigEndian: isBigEndian, source: source, offset: offset)
  }

  /// An array of strides in elements.
  ///
  /// - Throws: `FileError` where shape or strides are beyond counting, exceed the source, or let elements overlap.
  package init(
    shape: [Int], strides: [Int], type: NumberType, isBigEndian: Bool, source: any ByteSource, offset: Int
  ) throws(FileError) {
    guard let count = Self.count(of: shape), let span = Self.span(shape: shape, strides: strides) else {
      throw FileError(
        what: "strides \(strides) of shape \(shape): its elements overlap or cannot be counted", path: source.path,
        expected: "each element once", action: "save a contiguous copy of it")
    }
    guard offset >= 0, offset <= source.size, span <= (source.size - offset) / type.size else {
      throw FileError(
        what: "an array of shape \(shape) and \(type.rawValue) at byte \(offset) exceeds its \(source.size) bytes",
        path: source.path, action: "it is truncated or damaged; download or create it again")
    }
    (self.shape, self.strides, self.type, self.isBigEndian) = (shape, strides, type, isBigEndian)
    (self.source, self.offset, self.count, spanLength) = (source, offset, count, span)
  }

  /// The elements that it spans in the source.
  private let spanLength: Int

  /// The number of elements of a shape; `nil` where it is negative or beyond counting, whatever the order of extents.
  ///
  /// - Parameters:
  ///   - limit: the most elements, extents of 0 taken as 1; of 2⁵⁶ the bytes are countable in every type.
  ///   - axes: the most extents.
  package static func count(of shape: [Int], limit: Int = 1 << 56, axes: Int = 32) -> Int? {
    var (product, count) = (1, 1)
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
      guard extent >= 0, !overflow, next <= limit, shape.count <= axes else { return nil }
      product = next
      count *= extent
    }
    return count
  }

  /// The strides of elements that follow each other; `nil` where the shape is beyond counting.
  static func strides(of shape: [Int], isFortran: Bool) -> [Int]? {
    guard count(of: shape) != nil else { return nil }
    var strides: [Int] = []
    var stride = 1
    for extent in isFortran ? shape : shape.reversed() {
      strides.append(stride)
      stride *= max(1, extent)
    }
    return isFortran ? strides : strides.reversed()
  }

  /// The elements from the first to the last in memory, 0 for none; `nil` where elements overlap or are beyond counting.
  static func span(shape: [Int], strides: [Int]) -> Int? {
    guard let count = count(of: shape), strides.count == shape.count else { return nil }
    if count == 0 { return 0 }
    var span = 1
    // Each axis must step over all of the faster ones.
    for (stride, extent) in zip(strides, shape).sorted(by: { $0 < $1 }) where extent > 1 {
      let (step, overflow) = stride.multipliedReportingOverflow(by: extent - 1)
      guard stride >= span, !overflow, step <= 1 << 60 else { return nil }
      span += step
    }
    return span
  }

  private static func impossible(_ shape: [Int], _ path: String) -> FileError {
    FileError(
      what: "an array of shape \(shape)", path: path, expected: "extents from 0 on that can be counted",
      action: "it is damaged or malicious")
  }

  /// Whether its elements follow each other in C order, the last axis fastest.
  package var isContiguous: Bool { Self.follow(shape.reversed(), strides.reversed()) }

  /// Whether its elements follow each other in Fortran order, the first axis fastest.
  package var isFortran: Bool { Self.follow(shape, strides) }

  /// Whether strides, the fastest axis first, leave nothing out.
  private static func follow(_ shape: [Int], _ strides: [Int]) -> Bool {
    var stride = 1
    for (extent, own) in zip(shape, strides) where extent > 1 {
      if own != stride { return false }
      stride *= extent
    }
    return true
  }

  /// The bytes of the elements at positions of C order, one after another; little-endian, as this machine has them.
  ///
  /// An array that is not contiguous is read as a whole for each call.
  ///
  /// - Throws: `FileError` where they cannot be read.
  package func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    let size = type.size
    if range.isEmpty { return [] }
    var bytes: [UInt8]
    if isContiguous {
      bytes = try source.bytes(range.count * size, at: offset + range.lowerBound * size)
    } else {
      let all = try source.bytes(spanLength * size, at: offset)
      bytes = []
      bytes.reserveCapacity(range.count * size)
      var walk = Walk(shape: shape, strides: strides, from: range.lowerBound)
      for _ in range {
        bytes += all[walk.place * size..<(walk.place + 1) * size]
        walk.step()
      }
    }
    if isBigEndian && size > 1 {
      for start in stride(from: 0, to: bytes.count, by: size) { bytes[start..<start + size].reverse() }
    }
    return bytes
  }

  /// The elements at positions of C order.
  ///
  /// - Throws: `FileError` where they cannot be read.
  package func numbers(in range: Range<Int>) throws(FileError) -> [Double] {
    try map(bytes(in: range)) { type.number($0) }
  }

  /// The elements at positions of C order as single precision, rounded to nearest.
  ///
  /// - Throws: `FileError` where they cannot be read.
  package func floats(in range: Range<Int>) throws(FileError) -> [Float] {
    let bytes = try bytes(in: range)
    switch type {
    case .float32: return [Float](rawBytes: bytes)
    case .float64: return [Double](rawBytes: bytes).map { Float($0) }
    case .float16: return [UInt16](rawBytes: bytes).map { Float(Float16(bitPattern: $0)) }
    case .bfloat16: return [UInt16](rawBytes: bytes).map { Float(bitPattern: UInt32($0) << 16) }
    default: return map(bytes) { Float(type.number($0)) }
    }
  }

  private func map<Number>(_ bytes: [UInt8], _ number: (UInt64) -> Number) -> [Number] {
    let size = type.size
    return stride(from: 0, to: bytes.count, by: size).map { start in
      number((0..<size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[start + $1]) })
    }
  }
}

/// A walk over the elements of an array in C order.
private struct Walk {
  let shape: [Int]
  let strides: [Int]
  private var position: [Int]
  /// The element's place in memory, in elements.
  private(set) var place = 0

  init(shape: [Int], strides: [Int], from start: Int) {
    (self.shape, self.strides) = (shape, strides)
    position = shape.map { _ in 0 }
    var rest = start
    for axis in shape.indices.reversed() {
      (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: shape[axis])
      place += position[axis] * strides[axis]
    }
  }

  mutating func step() {
    for axis in shape.indices.reversed() {
      position[axis] += 1
      place += strides[axis]
      if position[axis] < shape[axis] { return }
      place -= position[axis] * strides[axis]
      position[axis] = 0
    }
  }
}
