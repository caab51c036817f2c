internal import Support

/// An array of numbers in a file: little-endian elements in C order, read and converted on demand.
struct NumericArray: Sendable {
  /// The types of element that are read.
  enum Element: String, Sendable {
    case uint8, int32, int64, float32, float64

    var size: Int {
      switch self {
      case .uint8: 1
      case .int32, .float32: 4
      case .int64, .float64: 8
      }
    }
  }

  let shape: [Int]
  let element: Element
  private let file: SourceFile
  private let start: Int

  /// What to call the array in errors.
  var path: String { file.path }

  /// An array over the bytes of a file between two offsets.
  /// - Throws: `FileError` unless there are exactly as many bytes as shape and element ask for.
  init(shape: [Int], element: Element, file: SourceFile, start: Int, end: Int) throws(FileError) {
    let needed = Self.byteCount(shape, element)
    guard let needed, needed == end - start else {
      throw FileError(
        what: "\(end - start) bytes of values", path: file.path,
        expected: "\(needed.map(String.init) ?? "fewer") for shape \(shape) of \(element.rawValue)",
        action: "fetch or make the file again")
    }
    (self.shape, self.element, self.file, self.start) = (shape, element, file, start)
  }

  /// The bytes of such an array, `nil` if the shape is negative or beyond counting.
  static func byteCount(_ shape: [Int], _ element: Element) -> Int? {
    var count = element.size
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      count = product
    }
    return count
  }

  var count: Int { shape.reduce(1, *) }

  /// The bytes of the elements at positions in C order.
  private func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    try file.bytes(range.count * element.size, at: start + range.lowerBound * element.size)
  }

  /// The elements at positions in C order.
  /// - Throws: `FileError` where they cannot be read.
  func numbers(in range: Range<Int>) throws(FileError) -> [Double] {
    let bytes = try bytes(in: range)
    func bits(_ position: Int) -> UInt64 {
      var result: UInt64 = 0
      for i in (0..<element.size).reversed() { result = result << 8 | UInt64(bytes[position * element.size + i]) }
      return result
    }
    return range.indices.map { position in
      let bits = bits(position - range.lowerBound)
      return switch element {
      case .uint8: Double(bits)
      case .int32: Double(Int32(truncatingIfNeeded: bits))
      case .int64: Double(Int64(bitPattern: bits))
      case .float32: Double(Float(bitPattern: UInt32(bits)))
      case .float64: Double(bitPattern: bits)
      }
    }
  }

  /// The elements as labels.
  /// - Throws: `FileError` unless the shape is `[N]` or `[N, 1]` and every element a whole number of 32 bits.
  func labels() throws(FileError) -> [Int] {
    guard shape.count == 1 || shape.count == 2 && shape[1] == 1 else {
      throw FileError(
        what: "labels of shape \(shape)", path: path, expected: "[N]", action: "give the array of labels")
    }
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for first in stride(from: 0, to: count, by: 1 << 16) {
      for number in try numbers(in: first..<min(count, first + 1 << 16)) {
        guard let label = Int32(exactly: number) else {
          throw FileError(
            what: "label \(number) at position \(labels.count)", path: path, expected: "a whole number from 0",
            action: "correct the labels")
        }
        labels.append(Int(label))
      }
    }
    return labels
  }

  /// The elements at positions as 8-bit samples, `maximum` becoming 255.
  /// - Throws: `FileError` for a value outside 0 … `maximum`, NaN included.
  func samples(in range: Range<Int>, maximum: Double) throws(FileError) -> [UInt8] {
    if element == .uint8 && maximum == 255 { return try bytes(in: range) }
    var samples: [UInt8] = []
    samples.reserveCapacity(range.count)
    for number in try numbers(in: range) {
      guard let sample = Datasets.sample(number, maximum: maximum) else {
        throw FileError(
          what: "value \(number) at position \(range.lowerBound + samples.count)", path: path,
          expected: "0 to \(maximum)", action: "set the largest value that the samples take")
      }
      samples.append(sample)
    }
    return samples
  }
}
