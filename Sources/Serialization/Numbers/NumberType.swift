/// The type of the elements of a stored array.
package enum NumberType: String, Sendable, CaseIterable {
  /// A byte, 0 or 1.
  case bool
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64, float16, bfloat16, float32, float64

  /// The size of an element in bytes.
  package var size: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// Whether it holds fractions.
  package var isFloat: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// The type of NumPy's name without its byte order, such as `f4`; `nil` for one that is not read.
  package init?(numPyCode code: some StringProtocol) {
    guard let found = Self.numPyCodes[String(code)] else { return nil }
    self = found
  }

  /// NumPy's name of the type, little-endian, such as `<f4`; `nil` for bfloat16, which NumPy does not have.
  package var numPyCode: String? {
    guard let code = Self.numPyCodes.first(where: { $0.value == self })?.key else { return nil }
    return (size == 1 ? "|" : "<") + code
  }

  private static let numPyCodes: [String: NumberType] = [
    "b1": .bool, "i1": .int8, "u1": .uint8, "i2": .int16, "u2": .uint16, "i4": .int32, "u4": .uint32, "i8": .int64,
    "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
  ]

  /// The number that some bits are, the lowest `size` bytes.
  @inline(__always) func number(_ bits: UInt64) -> Double {
    switch self {
    case .bool, .uint8, .uint16, .uint32, .uint64: Double(bits)
    case .int8: Double(Int8(truncatingIfNeeded: bits))
    case .int16: Double(Int16(truncatingIfNeeded: bits))
    case .int32: Double(Int32(truncatingIfNeeded: bits))
    case .int64: Double(Int64(bitPattern: bits))
    case .float16: Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))
    case .bfloat16: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float64: Double(bitPattern: bits)
    }
  }
}
