internal import Kernels
internal import Serialization
internal import Support
internal import Tensors

/// The tensors of a torch file, a .npz archive or a pickle: stored arrays by their names.
final class ArrayStore: TensorStore {
  private let arrays: [String: StoredArray]
  /// Why tensors of these names cannot be used.
  private let problems: [String: FileError]
  private let path: String
  /// The values of the last array whose elements do not follow each other, which is read as a whole.
  private let gathered = Locked<(name: String, values: [Float])?>(nil)

  init(_ arrays: [(name: String, array: StoredArray)], problems: [String: FileError] = [:], path: String) {
    self.arrays = Dictionary(arrays.map { ($0.name, $0.array) }) { first, _ in first }
    (self.problems, self.path) = (problems, path)
  }

  func whole(_ stored: WeightsFile.StoredTensor) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    let array = try array(of: stored)
    if array.type == .float32, array.isContiguous, !array.isBigEndian {
      if let source = array.source as? FileSource {
        return try source.file.tensor(at: array.offset, shape: array.shape)
      }
      if let source = array.source as? ZipEntrySource, let place = try source.place() {
        return try source.archive.file.tensor(at: place + array.offset, shape: array.shape)
      }
    }
    var tensor = Tensor(uninitialized: array.shape)
    let length = 1 << 22
    for start in stride(from: 0, to: array.count, by: length) {
      let values = try self.values(start..<min(start + length, array.count), of: array, stored.path)
      tensor.withMutableSpan { span in
        for index in values.indices { span[start + index] = values[index] }
      }
    }
    return (tensor, Elementwise.isFinite(tensor))
  }

  func rows(_ range: Range<Int>, of stored: WeightsFile.StoredTensor) throws(FileError) -> [Float] {
    let array = try array(of: stored)
    let length = array.shape.dropFirst().reduce(1, *)
    return try values(range.lowerBound * length..<range.upperBound * length, of: array, stored.path)
  }

  func note(_ name: String) throws(FileError) -> String? { nil }

  private func array(of stored: WeightsFile.StoredTensor) throws(FileError) -> StoredArray {
    if let problem = problems[stored.path] { throw problem }
    guard let array = arrays[stored.path] else {
      throw FileError(what: "it has no array \(stored.path)", path: path)
    }
    return array
  }

  private func values(_ range: Range<Int>, of array: StoredArray, _ name: String) throws(FileError) -> [Float] {
    if array.isContiguous { return try floats(range, of: array, name) }
    if let (known, values) = gathered.withLock({ $0 }), known == name { return Array(values[range]) }
    let values = try floats(0..<array.count, of: array, name)
    gathered.withLock { $0 = (name, values) }
    return Array(values[range])
  }

  /// Numbers as single precision; whole numbers only where it holds them.
  private func floats(_ range: Range<Int>, of array: StoredArray, _ name: String) throws(FileError) -> [Float] {
    if array.type.isFloat { return try array.floats(in: range) }
    var values: [Float] = []
    values.reserveCapacity(range.count)
    for number in try array.numbers(in: range) {
      guard let value = Float(exactly: number) else {
        throw FileError(
          what: "the number \(number) of \(name) (\(array.type.rawValue)) does not fit into float32", path: path,
          action: "exclude its layer, or convert it with the program that wrote it")
      }
      values.append(value)
    }
    return values
  }
}
