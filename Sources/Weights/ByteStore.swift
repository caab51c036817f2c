internal import Kernels
internal import Serialization
internal import Support
internal import Tensors

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

      /// The value of 16 bits.
      func value(ofBits bits: UInt16) -> Float {
        self == .bfloat16 ? Float(bitPattern: UInt32(bits) << 16) : Float(Float16(bitPattern: bits))
      }
    }

    /// What is done with the values that the file has.
    enum Step: Sendable, Equatable {
      /// The axes in another order.
      case transposed([Int])
      case reshaped([Int])
      /// One value as many times.
      case repeated(Int)
    }

    /// The number of elements of a shape; `nil` where it is negative, or beyond counting in any order of its extents.
    static func count(of shape: [Int]) -> Int? { StoredArray.count(of: shape, limit: 1 << 60, axes: 64) }

    var name: String
    /// After all steps.
    var shape: [Int]
    /// `nil` for a type that holds no weights.
    let element: Element?
    /// Name of the type.
    let type: String
    /// Where its values begin, in bytes.
    let offset: Int
    /// The length in bytes of numbers of 16 bits that are packed as varints; `nil` for values as they are in memory.
    var packedLength: Int?
    /// The values themselves, where they do not lie in the file one after another.
    var values: [Float]?
    var steps: [Step] = []

    fileprivate var isPlain: Bool { packedLength == nil && values == nil && steps.isEmpty }

    /// The same after one more step.
    func after(_ step: Step, shape: [Int]) -> Entry {
      var entry = self
      entry.steps.append(step)
      entry.shape = shape
      return entry
    }
  }

  private let file: RawFile
  private let entries: [String: Entry]
  private let notes: [String: String]
  /// The last tensor that was not read block by block.
  private let latest = Locked<(name: String, tensor: Tensor)?>(nil)

  init(_ file: consuming RawFile, _ entries: [Entry], notes: [String: String] = [:]) {
    self.file = file
    self.entries = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    self.notes = notes
  }

  func whole(_ stored: WeightsFile.StoredTensor) throws(FileError) -> (values: Tensor, isFinite: Bool) {
    if let entry = entries[stored.path], !entry.isPlain {
      let tensor = try made(entry)
      return (tensor, Elementwise.isFinite(tensor))
    }
    if let entry = entries[stored.path], entry.element == .float32 {
      return try file.tensor(at: entry.offset, shape: stored.storedShape)
    }
    let tensor = try filled(stored.storedShape, from: try entry(of: stored))
    return (tensor, Elementwise.isFinite(tensor))
  }

  func rows(_ range: Range<Int>, of stored: WeightsFile.StoredTensor) throws(FileError) -> [Float] {
    let length = stored.storedShape.dropFirst().reduce(1, *)
    let part = range.lowerBound * length..<range.upperBound * length
    let entry = try entry(of: stored)
    guard !entry.isPlain else { return try values(part, of: entry) }
    let tensor = try made(entry)
    return tensor.withSpan { span in part.map { span[$0] } }
  }

  func note(_ name: String) throws(FileError) -> String? { notes[name] }

  private func entry(of stored: WeightsFile.StoredTensor) throws(FileError) -> Entry {
    guard let entry = entries[stored.path] else {
      throw FileError(what: "it has no tensor \(stored.path)", path: file.path)
    }
    return entry
  }

  /// The tensor after its steps.
  private func made(_ entry: Entry) throws(FileError) -> Tensor {
    if let known = latest.withLock({ $0 }), known.name == entry.name { return known.tensor }
    let shape = entry.steps.reversed().reduce(entry.shape) { shape, step in Self.shape(before: step, shape) }
    var tensor: Tensor
    if let values = entry.values {
      tensor = Tensor(values, shape: shape)
    } else if let length = entry.packedLength, let element = entry.element {
      var reader = ProtobufReader(try RawFile(reading: file.path))
      let numbers = try reader.allNumbers(entry.offset..<entry.offset + length)
      guard numbers.count == shape.reduce(1, *) else {
        throw FileError(
          what: "\(entry.name) has \(numbers.count) values for shape \(shape)", path: file.path,
          action: "it is damaged; export it again")
      }
      tensor = Tensor(numbers.map { element.value(ofBits: UInt16(truncatingIfNeeded: $0)) }, shape: shape)
    } else {
      tensor = try filled(shape, from: entry)
    }
    for step in entry.steps {
      switch step {
      case .transposed(let order): tensor = tensor.transposed(order)
      case .reshaped(let shape): tensor = tensor.reshaped(to: shape)
      case .repeated(let count): tensor = Tensor(repeating: tensor.withSpan { $0[0] }, shape: [count])
      }
    }
    tensor = tensor.reshaped(to: entry.shape)
    latest.withLock { $0 = (entry.name, tensor) }
    return tensor
  }

  /// A shape of as many elements as the values have before a step; the order of axes matters for a transposition alone.
  private static func shape(before step: Entry.Step, _ shape: [Int]) -> [Int] {
    switch step {
    case .transposed(let order):
      var before = shape
      for (place, axis) in order.enumerated() { before[axis] = shape[place] }
      return before
    case .reshaped: return shape
    case .repeated: return [1]
    }
  }

  /// A tensor of values as they lie in the file, in blocks: half floats would need a second whole copy.
  private func filled(_ shape: [Int], from entry: Entry) throws(FileError) -> Tensor {
    var tensor = Tensor(uninitialized: shape)
    let length = 1 << 22
    for start in stride(from: 0, to: tensor.count, by: length) {
      let values = try self.values(start..<min(start + length, tensor.count), of: entry)
      tensor.withMutableSpan { span in
        for index in values.indices { span[start + index] = values[index] }
      }
    }
    return tensor
  }

  private func values(_ range: Range<Int>, of entry: Entry) throws(FileError) -> [Float] {
    guard let element = entry.element else {
      throw FileError(
        what: "the type of \(entry.name) is \(entry.type)", path: file.path,
        expected: "float32, float64, float16 or bfloat16", action: "convert it with the program that wrote it")
    }
    let offset = entry.offset + range.lowerBound * element.size
    switch element {
    case .float32: return try file.read(range.count, of: Float.self, at: offset)
    case .float64: return try file.read(range.count, of: Double.self, at: offset).map { Float($0) }
    case .float16, .bfloat16:
      return try file.read(range.count, of: UInt16.self, at: offset).map { element.value(ofBits: $0) }
    }
  }
}

extension Tensor {
  /// The axes in another order: axis `order[i]` becomes axis i.
  func transposed(_ order: [Int]) -> Tensor {
    let steps = shape.indices.map { axis in shape[(axis + 1)...].reduce(1, *) }
    let (extents, strides) = (order.map { shape[$0] }, order.map { steps[$0] })
    var result = Tensor(uninitialized: extents)
    var place = [Int](repeating: 0, count: extents.count)
    var source = 0
    withSpan { values in
      result.withMutableSpan { target in
        for index in target.indices {
          target[index] = values[source]
          var axis = extents.count - 1
          while axis >= 0 {
            place[axis] += 1
            source += strides[axis]
            if place[axis] < extents[axis] { break }
            source -= strides[axis] * extents[axis]
            place[axis] = 0
            axis -= 1
          }
        }
      }
    }
    return result
  }
}
