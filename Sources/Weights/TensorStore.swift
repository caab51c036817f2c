internal import HDF5
internal import Kernels
internal import Support
internal import Tensors

/// The listing of a file of weights.
struct WeightsListing {
  /// The layout, in words.
  let layout: String
  let order: FlattenOrder
  let tensors: [WeightsFile.StoredTensor]
  /// Whether the names of layers are the user's, not numbers of a kind.
  var hasNames = true
}

/// The source of the values of a file's tensors.
protocol TensorStore: Sendable {
  /// All values, in the file's order and shape, and whether all are finite.
  func whole(_ stored: WeightsFile.StoredTensor) throws(FileError) -> (values: Tensor, isFinite: Bool)
  /// The values of a range of the first extent.
  func rows(_ range: Range<Int>, of stored: WeightsFile.StoredTensor) throws(FileError) -> [Float]
  /// A text attribute of the file, by name.
  func note(_ name: String) throws(FileError) -> String?
}

/// The tensors of an HDF5 file.
final class HDF5Store: TensorStore {
  let file: HDF5File

  init(opening path: String) throws(FileError) {
    _ = try Seal(unbroken: path)
    file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
  }

  func whole(_ stored: WeightsFile.StoredTensor) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    let dataset = try withFileErrors { () throws(HDF5Error) in
      let dataset = try file.dataset(stored.path)
      try dataset.requireNumbers(as: Float.self)
      return dataset
    }
    if let offset = dataset.offset, dataset.isStored(as: Float.self) {
      return try RawFile(reading: file.filePath).tensor(at: offset, shape: dataset.shape)
    }
    let tensor = try withFileErrors { () throws(HDF5Error) in try Tensor(reading: dataset) }
    return (tensor, Elementwise.isFinite(tensor))
  }

  func rows(_ range: Range<Int>, of stored: WeightsFile.StoredTensor) throws(FileError) -> [Float] {
    try withFileErrors { () throws(HDF5Error) in try file.dataset(stored.path).read(rows: range, as: Float.self) }
  }

  func note(_ name: String) throws(FileError) -> String? {
    try withFileErrors { () throws(HDF5Error) in file.hasAttribute(name) ? try file.string(ofAttribute: name) : nil }
  }
}

/// The tensors of a file of bytes.
final class ByteStore: TensorStore {
  /// A tensor's name, place and form.
  struct Entry: Sendable {
    enum Element: String, Sendable {
      case float32, float64, float16, bfloat16

      var size: Int {
        switch self {
        case .float16, .bfloat16: 2
        case .float32: 4
        case .float64: 8
        }
      }
    }

    /// The number of elements of a shape; `nil` where it is negative, or beyond counting in any order of its extents.
    static func count(of shape: [Int]) -> Int? {
      var (product, count) = (1, 1)
      for extent in shape {
        let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
        // 2^60 elements of 8 bytes are still counted.
        guard extent >= 0, !overflow, next <= 1 << 60, shape.count <= 64 else { return nil }
        product = next
        count *= extent
      }
      return count
    }

    let name: String
    let shape: [Int]
    /// `nil` for a type that holds no weights.
    let element: Element?
    /// Name of the type.
    let type: String
    /// Where its values begin, in bytes.
    let offset: Int
  }

  private let file: RawFile
  private let entries: [String: Entry]
  private let notes: [String: String]

  init(_ file: consuming RawFile, _ entries: [Entry], notes: [String: String] = [:]) {
    self.file = file
    self.entries = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    self.notes = notes
  }

  func whole(_ stored: WeightsFile.StoredTensor) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    if let entry = entries[stored.path], entry.element == .float32 {
      return try file.tensor(at: entry.offset, shape: stored.storedShape)
    }
    var tensor = Tensor(uninitialized: stored.storedShape)
    // In blocks: half floats would need a second whole copy.
    let length = 1 << 22
    for start in stride(from: 0, to: tensor.count, by: length) {
      let values = try self.values(start..<min(start + length, tensor.count), of: stored)
      tensor.withMutableSpan { span in
        for index in values.indices { span[start + index] = values[index] }
      }
    }
    return (tensor, Elementwise.isFinite(tensor))
  }

  func rows(_ range: Range<Int>, of stored: WeightsFile.StoredTensor) throws(FileError) -> [Float] {
    let length = stored.storedShape.dropFirst().reduce(1, *)
    return try values(range.lowerBound * length..<range.upperBound * length, of: stored)
  }

  func note(_ name: String) throws(FileError) -> String? { notes[name] }

  private func values(
    _ range: Range<Int>, of stored: WeightsFile.StoredTensor
  ) throws(FileError) -> [Float] {
    guard let entry = entries[stored.path], let element = entry.element else {
      throw FileError(
        what: "the type of \(stored.path) is \(stored.elementType)", path: file.path,
        expected: "float32, float64, float16 or bfloat16", action: "convert it with the program that wrote it")
    }
    let offset = entry.offset + range.lowerBound * element.size
    switch element {
    case .float32: return try file.read(range.count, of: Float.self, at: offset)
    case .float64: return try file.read(range.count, of: Double.self, at: offset).map { Float($0) }
    case .float16:
      return try file.read(range.count, of: UInt16.self, at: offset).map { Float(Float16(bitPattern: $0)) }
    case .bfloat16:
      return try file.read(range.count, of: UInt16.self, at: offset).map { Float(bitPattern: UInt32($0) << 16) }
    }
  }
}

/// Orders names as people count: runs of digits by their number, `conv2d_9` before `conv2d_10`.
func isInNaturalOrder(_ left: String, _ right: String) -> Bool {
  let (a, b) = (Array(left.utf8), Array(right.utf8))
  var (i, j) = (0, 0)
  func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
  while i < a.count && j < b.count {
    if isDigit(a[i]) && isDigit(b[j]) {
      let (x, y) = (a[i...].prefix(while: isDigit), b[j...].prefix(while: isDigit))
      let (m, n) = (x.drop { $0 == 48 }, y.drop { $0 == 48 })
      if !m.elementsEqual(n) { return m.count != n.count ? m.count < n.count : m.lexicographicallyPrecedes(n) }
      (i, j) = (i + x.count, j + y.count)
    } else if a[i] != b[j] {
      return a[i] < b[j]
    } else {
      (i, j) = (i + 1, j + 1)
    }
  }
  return a.count - i < b.count - j
}
