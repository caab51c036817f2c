internal import Serialization
internal import Support

/// An array of numbers on disk, read block by block.
protocol NumberArray: Sendable {
  /// What to call it in errors.
  var path: String { get }
  /// The extents of its axes as its values lie on disk, the last axis being contiguous.
  var shape: [Int] { get }
  /// The type of its values; `nil` for numbers in text.
  var element: NumberType? { get }
  /// Whether its program lists the axes the other way round, the first being contiguous (MATLAB, Fortran).
  var isColumnMajor: Bool { get }
  /// Whether its program flattens images column by column and puts their axis last (MATLAB), so that shapes alone tell
  /// less than elsewhere; an array of NumPy's in Fortran order means what it does in C order.
  var isOfMATLAB: Bool { get }
  /// The block of extents `count` that begins at `offset`, its last axis being contiguous.
  /// - Throws: `FileError` where it cannot be read.
  func block(at offset: [Int], of count: [Int]) throws(FileError) -> NumberBlock
}

extension NumberArray {
  /// The shape as the program that wrote it shows it.
  var programShape: [Int] { isColumnMajor ? shape.reversed() : shape }
}

/// Numbers of a block: bytes stay bytes.
enum NumberBlock: Sendable {
  case bytes([UInt8])
  case numbers([Double])

  var count: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .numbers(let numbers): numbers.count
    }
  }

  /// All of them as numbers.
  var numbers: [Double] {
    switch self {
    case .bytes(let bytes): bytes.map { Double($0) }
    case .numbers(let numbers): numbers
    }
  }
}

extension NumberType {
  /// Values from their bytes.
  func block(of bytes: [UInt8], isBigEndian: Bool) -> NumberBlock {
    // Never `map(Double.init)`: of UInt64 that is Double(bitPattern:).
    func integers<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type) -> [Value] {
      let values = [Value](rawBytes: bytes)
      return isBigEndian ? values.map(\.byteSwapped) : values
    }
    switch self {
    case .uint8: return .bytes(bytes)
    case .bool: return .bytes(bytes.map { $0 == 0 ? 0 : 1 })
    case .int8: return .numbers(bytes.map { Double(Int8(bitPattern: $0)) })
    case .int16: return .numbers(integers(Int16.self).map { Double($0) })
    case .uint16: return .numbers(integers(UInt16.self).map { Double($0) })
    case .int32: return .numbers(integers(Int32.self).map { Double($0) })
    case .uint32: return .numbers(integers(UInt32.self).map { Double($0) })
    case .int64: return .numbers(integers(Int64.self).map { Double($0) })
    case .uint64: return .numbers(integers(UInt64.self).map { Double($0) })
    case .float16: return .numbers(integers(UInt16.self).map { Double(Float16(bitPattern: $0)) })
    case .bfloat16: return .numbers(integers(UInt16.self).map { Double(Float(bitPattern: UInt32($0) << 16)) })
    case .float32: return .numbers(integers(UInt32.self).map { Double(Float(bitPattern: $0)) })
    case .float64: return .numbers(integers(UInt64.self).map { Double(bitPattern: $0) })
    }
  }
}
