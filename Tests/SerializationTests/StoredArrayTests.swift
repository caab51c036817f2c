import Serialization
import Support
import Testing

@Suite struct StoredArrayTests {
  /// The numbers 0, 1, … in a type's bytes.
  private func source(_ count: Int, _ type: NumberType, isBigEndian: Bool = false) -> MemorySource {
    let bytes = (0..<count).flatMap { number -> [UInt8] in
      let bits: UInt64 =
        switch type {
        case .float16: UInt64(Float16(number).bitPattern)
        case .bfloat16: UInt64(Float(number).bitPattern >> 16)
        case .float32: UInt64(Float(number).bitPattern)
        case .float64: Double(number).bitPattern
        default: UInt64(number)
        }
      let bytes = (0..<type.size).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
      return isBigEndian ? bytes.reversed() : bytes
    }
    return MemorySource(bytes, path: "in")
  }

  @Test(arguments: NumberType.allCases) func everyTypeInBothOrders(_ type: NumberType) throws {
    let count = type == .bool ? 2 : 100
    for isBigEndian in [false, true] {
      let array = try StoredArray(
        shape: [count], type: type, isBigEndian: isBigEndian, source: source(count, type, isBigEndian: isBigEndian))
      #expect(try array.numbers(in: 0..<count) == (0..<count).map(Double.init))
      #expect(try array.floats(in: 1..<2) == [1])
    }
  }

  @Test func stridesPermuteAndSkip() throws {
    // The columns 1 and 3 of a 3 x 4 matrix, transposed.
    let array = try StoredArray(
      shape: [2, 3], strides: [2, 4], type: .float32, isBigEndian: false, source: source(12, .float32), offset: 4)
    #expect(!array.isContiguous)
    #expect(try array.floats(in: 0..<6) == [1, 5, 9, 3, 7, 11])
    #expect(try array.floats(in: 2..<5) == [9, 3, 7])
    let fortran = try StoredArray(shape: [2, 3], type: .uint8, isFortran: true, source: source(6, .uint8))
    #expect(try fortran.numbers(in: 0..<6) == [0, 2, 4, 1, 3, 5])
  }

  @Test func whatCannotBeIsRefused() {
    let source = source(12, .float32)
    for (shape, strides, offset) in [
      ([2, 2], [1, 1], 0), ([3], [0], 0), ([2], [-1], 4), ([3, 4], [4, 1], 4), ([-1], [1], 0), ([2, 2], [2], 0),
      ([Int.max, 2], [1, 1], 0), ([2], [Int.max], 0), ([1], [1], -4), ([1], [1], 48),
    ] {
      #expect(throws: FileError.self) {
        try StoredArray(
          shape: shape, strides: strides, type: .float32, isBigEndian: false, source: source, offset: offset)
      }
    }
  }
}
