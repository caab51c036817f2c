internal import Serialization
internal import Support

/// An array of numbers in the bytes of a file, read and converted on demand.
struct NumericArray: NumberArray {
  let shape: [Int]
  private let type: NumberType
  let isColumnMajor: Bool
  private let isBigEndian: Bool
  private let file: any ByteSource
  private let start: Int

  var path: String { file.path }
  var element: NumberType? { type }
  var isOfMATLAB: Bool { false }

  /// An array over the bytes of a file between two offsets.
  /// - Throws: `FileError` unless there are exactly as many bytes as shape and element ask for.
  init(
    shape: [Int], element: NumberType, isBigEndian: Bool = false, isColumnMajor: Bool = false, file: any ByteSource,
    start: Int, end: Int
  ) throws(FileError) {
    let needed = Self.byteCount(shape, element)
    guard let needed, needed == end - start else {
      throw FileError(
        what: "\(end - start) bytes of values", path: file.path,
        expected: "\(needed.map(String.init) ?? "fewer") for shape \(shape) of \(element.rawValue)",
        action: "fetch or make the file again")
    }
    (self.shape, type, self.file, self.start) = (shape, element, file, start)
    (self.isBigEndian, self.isColumnMajor) = (isBigEndian, isColumnMajor)
  }

  /// The bytes of such an array, `nil` if the shape is negative or beyond counting.
  static func byteCount(_ shape: [Int], _ element: NumberType) -> Int? {
    StoredArray.count(of: shape).map { $0 * element.size }
  }

  func block(at offset: [Int], of count: [Int]) throws(FileError) -> NumberBlock {
    // Axes from `whole` on are read in full: they lie in one piece.
    var (whole, stride) = (shape.count, 1)
    while whole > 0, count[whole - 1] == shape[whole - 1] {
      whole -= 1
      stride *= shape[whole]
    }
    // The axis before them is read in one piece as well.
    let inner = max(whole - 1, 0)
    let length = whole == 0 ? stride : stride * count[inner]
    var steps = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { steps[axis] = steps[axis + 1] * shape[axis + 1] }
    var starts = [zip(offset, steps).reduce(0) { $0 + $1.0 * $1.1 }]
    for axis in 0..<inner {
      starts = starts.flatMap { first in (0..<count[axis]).map { first + $0 * steps[axis] } }
    }
    var bytes: [UInt8] = []
    if starts.count > 1 { bytes.reserveCapacity(starts.count * length * type.size) }
    for first in starts {
      let piece = try file.bytes(length * type.size, at: start + first * type.size)
      if starts.count == 1 { bytes = piece } else { bytes += piece }
    }
    return type.block(of: bytes, isBigEndian: isBigEndian)
  }
}
