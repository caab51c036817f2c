internal import Support

/// The calls that a pickle may make, each of which builds a value here.
extension PickleMachine {
  /// What a call of a function or class gives.
  mutating func call(_ global: PickleGlobal, _ arguments: [Pickle.Value]) throws(FileError) -> Pickle.Value {
    switch global {
    case .orderedDictionary: return try orderedDictionary(arguments)
    case .counter, .set, .frozenSet:
      if arguments.isEmpty { return make(global == .counter ? .dictionary([]) : .set([])) }
      // The container that it is made of, which nothing else changes.
      guard arguments.count == 1, case .node(let place) = arguments[0] else { throw refusal("a set of no list") }
      switch nodes[place] {
      case .dictionary where global == .counter: return arguments[0]
      case .list(let items) where global != .counter, .tuple(let items) where global != .counter:
        try charge(items.count)
        return make(.set(items))
      default: throw refusal("a set of no list")
      }
    case .bytesClass:
      guard arguments.isEmpty else { throw refusal("bytes of values") }
      return .bytes(.held([]))
    case .encode: return try encoded(arguments)
    case .arrayReconstruct: return try emptyArray(arguments)
    case .arrayScalar: return try scalar(arguments)
    case .elementType: return try elementType(arguments)
    case .arrayFromBuffer: return try arrayFromBuffer(arguments)
    case .tensor, .oldTensor: return try tensor(arguments, isOld: global == .oldTensor)
    case .parameter:
      guard let first = arguments.first, case .node(let place) = first, case .tensor = nodes[place] else {
        throw refusal("a parameter that is no tensor")
      }
      return first
    case .size:
      guard arguments.count == 1, tuple(arguments[0]) != nil else { throw refusal("a size that is no tuple") }
      return arguments[0]
    // What it is made of is left out.
    case .record(let name): return make(.placeholder(name))
    case .arrayClass, .storage: throw refusal("it makes an array or a storage out of nothing")
    }
  }

  private mutating func orderedDictionary(_ arguments: [Pickle.Value]) throws(FileError) -> Pickle.Value {
    var pairs: [(key: Pickle.Value, value: Pickle.Value)] = []
    if let first = arguments.first {
      // Python 2 gives its items: pairs in a list.
      guard arguments.count == 1, case .node(let place) = first, case .list(let items) = nodes[place] else {
        throw refusal("a dictionary of no pairs")
      }
      try charge(items.count)
      for item in items {
        guard case .node(let place) = item else { throw refusal("a dictionary of no pairs") }
        switch nodes[place] {
        case .list(let pair) where pair.count == 2, .tuple(let pair) where pair.count == 2:
          pairs.append((pair[0], pair[1]))
        default: throw refusal("a dictionary of no pairs")
        }
      }
    }
    ordered.insert(nodes.count)
    return make(.dictionary(pairs))
  }

  /// Bytes as pickles before protocol 3 hold them: a text in Latin-1.
  private mutating func encoded(_ arguments: [Pickle.Value]) throws(FileError) -> Pickle.Value {
    guard arguments.count == 2, case .text(let text) = arguments[0], let coding = string(arguments[1]),
      ["latin1", "latin-1", "iso-8859-1"].contains(coding)
    else { throw refusal("bytes in another coding than Latin-1") }
    try hold(text.utf8.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { throw refusal("bytes that are not Latin-1") }
      bytes.append(byte)
    }
    return .bytes(.held(bytes))
  }

  /// A state that follows a call.
  mutating func build(_ object: Pickle.Value, _ state: Pickle.Value) throws(FileError) {
    guard case .node(let place) = object else { throw refusal("it sets the state of what has none") }
    switch nodes[place] {
    case .array: replace(place, by: .array(try array(state: state)))
    case .elementType(let type): replace(place, by: .elementType(try self.type(type, state: state)))
    case .dictionary where ordered.contains(place):
      // Attributes of a state dictionary, such as _metadata: plain data, which weights do not need.
      guard case .node(let attributes) = state, case .dictionary = nodes[attributes] else {
        throw refusal("it sets the state of a dictionary to what is no dictionary")
      }
    case .placeholder:
      guard case .node(let attributes) = state, case .dictionary = nodes[attributes] else {
        throw refusal("it sets the state of an object to what is no dictionary")
      }
    default: throw refusal("it sets the state of an object, which would run code")
    }
  }

  // MARK: torch

  /// The storage that a persistent identifier stands for: `("storage", class, key, device, count)`, and in files before
  /// version 1.6 a view or none.
  mutating func storage(_ identifier: Pickle.Value) throws(FileError) -> Pickle.Value {
    guard allowsStorages else {
      throw refusal("a persistent identifier", action: "save plain arrays, or open it as the torch file that it is of")
    }
    guard let parts = tuple(identifier), (5...6).contains(parts.count), string(parts[0]) == "storage",
      case .callable(.storage(let type)) = parts[1], let key = string(parts[2]), case .integer(let count) = parts[4],
      (0...1 << 48).contains(count)
    else { throw refusal("a persistent identifier that is no storage of torch's") }
    var view: Range<Int>?
    if parts.count == 6, parts[5] != .none {
      guard let numbers = tuple(parts[5]), numbers.count == 3, case .integer(let start) = numbers[1],
        case .integer(let length) = numbers[2], start >= 0, length >= 0, start <= count, length <= count - start
      else { throw refusal("a view that exceeds its storage") }
      view = start..<start + length
    }
    return make(.storage(TorchStorage(key: key, type: type, count: count, view: view)))
  }

  /// A view of a storage: storage, offset, size, strides, whether it has a gradient, hooks, and more in later versions.
  private mutating func tensor(_ arguments: [Pickle.Value], isOld: Bool) throws(FileError) -> Pickle.Value {
    guard isOld ? arguments.count == 4 : (6...7).contains(arguments.count), case .node(let place) = arguments[0],
      case .storage(let storage) = nodes[place], case .integer(let offset) = arguments[1],
      let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else { throw refusal("a tensor without storage, offset, size and strides") }
    if arguments.count == 7, arguments[6] != .none {
      guard case .node(let notes) = arguments[6], case .dictionary(let pairs) = nodes[notes], pairs.isEmpty else {
        throw refusal("a tensor that is conjugated or negated", action: "save a plain copy of it")
      }
    }
    let length = storage.view?.count ?? storage.count
    guard let span = StoredArray.span(shape: shape, strides: strides) else {
      throw refusal(
        "a tensor of shape \(shape) and strides \(strides), whose elements overlap or cannot be counted",
        action: "save a contiguous copy of it")
    }
    guard offset >= 0, offset <= length, span <= length - offset else {
      throw refusal(
        "a tensor of shape \(shape) and strides \(strides) from \(offset) on exceeds its storage of \(length)")
    }
    return make(.tensor(TorchTensor(storage: storage, offset: offset, shape: shape, strides: strides)))
  }

  // MARK: Arguments

  /// The text of a value, of Python 2 too.
  func string(_ value: Pickle.Value) -> String? {
    switch value {
    case .text(let text): return text
    case .bytes(let bytes) where bytes.count <= 4096:
      guard let bytes = try? bytes.read(from: input.source) else { return nil }
      return String(validating: bytes, as: UTF8.self)
    default: return nil
    }
  }

  /// The whole numbers of a tuple or list, as extents and strides have them: at most 64.
  func integers(_ value: Pickle.Value) -> [Int]? {
    guard case .node(let place) = value else { return nil }
    let items: [Pickle.Value]
    switch nodes[place] {
    case .tuple(let found), .list(let found): items = found
    default: return nil
    }
    guard items.count <= 64 else { return nil }
    let numbers = items.compactMap { item -> Int? in
      guard case .integer(let number) = item else { return nil }
      return number
    }
    return numbers.count == items.count ? numbers : nil
  }
}
