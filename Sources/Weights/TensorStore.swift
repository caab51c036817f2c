internal import HDF5
internal import Kernels
internal import Networks
internal import Support
internal import Tensors

/// The listing of a file of weights.
struct WeightsListing {
  /// The layout, in words.
  var layout: String
  let order: FlattenOrder
  let tensors: [WeightsFile.StoredTensor]
  /// Whether the names of layers are the user's, not numbers of a kind.
  var hasNames = true
  var layerOrder = LayerOrder.unknown
  /// By layer whose input can be followed in the network of the file, the map that is flattened into it, or nil for features.
  var flattenedMaps: [String: FlattenedMap?] = [:]
  /// Tensors that belong to no layer.
  var leftovers: [Leftovers] = []
  /// Tensors that are used without being listed.
  var usedPaths: Set<String> = []
  /// Why the tensors of layers cannot be used as they are, by layer.
  var refusals: [String: Refusal] = [:]
  /// What the network in the file does, where it has one.
  var outline: NetworkOutline?
}

/// Why a layer's tensors cannot be used: an error in parts, without the path.
struct Refusal: Sendable, Equatable {
  let what: String
  var expected = ""
  let action: String
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
  private let readsInPlace: Bool

  /// - Parameter readsInPlace: whether values are read from the file of that path, past libhdf5.
  init(opening path: String, readsInPlace: Bool = true) throws(FileError) {
    self.readsInPlace = readsInPlace
    _ = try Seal(unbroken: path)
    file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
  }

  func whole(_ stored: WeightsFile.StoredTensor) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    let dataset = try withFileErrors { () throws(HDF5Error) in
      let dataset = try file.dataset(stored.path)
      try dataset.requireWritten()
      if !stored.isBFloat16 { try dataset.requireNumbers(as: Float.self) }
      return dataset
    }
    if stored.isBFloat16 {
      let words = try withFileErrors { () throws(HDF5Error) in
        try dataset.readWords(rows: 0..<(dataset.shape.first ?? 1))
      }
      let tensor = Tensor(words.map(Self.value(ofBFloat16:)), shape: dataset.shape)
      return (tensor, Elementwise.isFinite(tensor))
    }
    if readsInPlace, let offset = dataset.offset, dataset.isStored(as: Float.self) {
      return try RawFile(reading: file.filePath).tensor(at: offset, shape: dataset.shape)
    }
    let tensor = try withFileErrors { () throws(HDF5Error) in try Tensor(reading: dataset) }
    return (tensor, Elementwise.isFinite(tensor))
  }

  func rows(_ range: Range<Int>, of stored: WeightsFile.StoredTensor) throws(FileError) -> [Float] {
    try withFileErrors { () throws(HDF5Error) in
      let dataset = try file.dataset(stored.path)
      if range.lowerBound == 0 { try dataset.requireWritten() }
      if stored.isBFloat16 { return try dataset.readWords(rows: range).map(Self.value(ofBFloat16:)) }
      return try dataset.read(rows: range, as: Float.self)
    }
  }

  private static func value(ofBFloat16 word: UInt16) -> Float {
    Float(bitPattern: UInt32(UInt16(littleEndian: word)) << 16)
  }

  func note(_ name: String) throws(FileError) -> String? {
    try withFileErrors { () throws(HDF5Error) in file.hasAttribute(name) ? try file.string(ofAttribute: name) : nil }
  }

  /// The datasets that a listing does not have, by what they are.
  func leftovers(besides listing: WeightsListing) throws(FileError) -> [Leftovers] {
    let used = listing.usedPaths.union(listing.tensors.map(\.path))
    var names: [String] = []
    try withFileErrors { () throws(HDF5Error) in try Self.search(file, "", into: &names, depth: 0) }
    let kinds: [(what: String, words: [String])] = [
      ("tensors of an optimizer", ["optimizer", "/diff/"]), ("seeds of random layers", ["seed_generator"]),
      ("counters of batches", ["num_batches_tracked"]),
    ]
    var groups = [[String]](repeating: [], count: kinds.count + 1)
    for name in names where !used.contains(name) {
      let kind = kinds.firstIndex { $0.words.contains { name.contains($0) } }
      groups[kind ?? kinds.count].append(name)
    }
    return zip(kinds.map(\.what) + ["tensors that belong to no layer"], groups).compactMap { Leftovers($0, $1) }
  }

  private static func search(
    _ container: borrowing some HDF5Container & ~Copyable, _ path: String, into names: inout [String], depth: Int
  ) throws(HDF5Error) {
    for child in try container.children() where depth < 32 && names.count < 100_000 {
      let place = path + "/" + child.name
      if child.kind == .dataset {
        names.append(place)
      } else if child.kind == .group {
        try search(container.group(child.name), place, into: &names, depth: depth + 1)
      }
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
