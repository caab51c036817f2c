import Images

/// An array of numbers as it lay in a file: little-endian elements in C order, converted when asked for.
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
  let bytes: ArraySlice<UInt8>
  /// What to call the array in errors.
  let path: String

  /// An array over these bytes.
  /// - Throws: `StorageError` unless there are exactly as many bytes as shape and element ask for.
  init(shape: [Int], element: Element, bytes: ArraySlice<UInt8>, path: String) throws(StorageError) {
    let needed = Self.byteCount(shape, element)
    guard let needed, needed == bytes.count else {
      throw StorageError(
        what: "\(bytes.count) bytes of values", path: path,
        expected: "\(needed.map(String.init) ?? "fewer") for shape \(shape) of \(element.rawValue)",
        action: "fetch or make the file again")
    }
    self.shape = shape
    self.element = element
    self.bytes = bytes
    self.path = path
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

  var count: Int { bytes.count / element.size }

  /// The element at a position in C order.
  func number(at position: Int) -> Double {
    switch element {
    case .uint8: Double(bytes[bytes.startIndex + position])
    case .int32: Double(Int32(truncatingIfNeeded: bits(at: position)))
    case .int64: Double(Int64(bitPattern: bits(at: position)))
    case .float32: Double(Float(bitPattern: UInt32(bits(at: position))))
    case .float64: Double(bitPattern: bits(at: position))
    }
  }

  private func bits(at position: Int) -> UInt64 {
    let start = bytes.startIndex + position * element.size
    var result: UInt64 = 0
    for i in (0..<element.size).reversed() { result = result << 8 | UInt64(bytes[start + i]) }
    return result
  }

  /// The elements as labels.
  /// - Throws: `StorageError` unless the shape is `[N]` or `[N, 1]` and every element a whole number of 32 bits.
  func labels() throws(StorageError) -> [Int] {
    guard shape.count == 1 || shape.count == 2 && shape[1] == 1 else {
      throw StorageError(
        what: "labels of shape \(shape)", path: path, expected: "[N]", action: "give the array of labels")
    }
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for position in 0..<count {
      let number = number(at: position)
      guard let label = Int32(exactly: number) else {
        throw StorageError(
          what: "label \(number) at position \(position)", path: path, expected: "a whole number from 0",
          action: "correct the labels")
      }
      labels.append(Int(label))
    }
    return labels
  }

  /// The elements as 8-bit samples, `maximum` becoming 255.
  /// - Throws: `StorageError` for a value outside 0 … `maximum`, NaN included.
  func samples(maximum: Double) throws(StorageError) -> [UInt8] {
    if element == .uint8 && maximum == 255 { return Array(bytes) }
    var samples: [UInt8] = []
    samples.reserveCapacity(count)
    for position in 0..<count {
      let number = number(at: position)
      guard let sample = Storage.sample(number, maximum: maximum) else {
        throw StorageError(
          what: "value \(number) at position \(position)", path: path, expected: "0 to \(maximum)",
          action: "set the largest value that the samples take")
      }
      samples.append(sample)
    }
    return samples
  }
}
