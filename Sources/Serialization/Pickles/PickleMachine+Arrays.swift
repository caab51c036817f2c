internal import Support

/// NumPy's arrays, scalars and types.
extension PickleMachine {
  /// `_reconstruct(ndarray, (0,), b"b")`, whose state follows.
  func requireArrayClass(_ value: Pickle.Value) throws(FileError) {
    guard value == .callable(.arrayClass) else {
      throw refusal("a subclass of NumPy's array", action: "save plain arrays with numpy.savez")
    }
  }

  mutating func emptyArray(_ arguments: [Pickle.Value]) throws(FileError) -> Pickle.Value {
    guard arguments.count == 3, let byte = PickledType(code: "u1") else {
      throw refusal("an array without class, shape and type")
    }
    try requireArrayClass(arguments[0])
    return make(.array(PickledArray(shape: [0], strides: [1], type: byte)))
  }

  /// An array with its state: version, shape, type, whether it is in Fortran order, and values; before version 1 without
  /// the first.
  func array(state: Pickle.Value) throws(FileError) -> PickledArray {
    guard var parts = tuple(state), (4...5).contains(parts.count) else { throw refusal("an array of no known state") }
    if parts.count == 5 { parts.removeFirst() }
    guard let shape = integers(parts[0]), let type = self.type(parts[1]), case .bool(let isFortran) = flag(parts[2]),
      let strides = StoredArray.strides(of: shape, isFortran: isFortran)
    else { throw refusal("an array of no known shape, type or order") }
    var array = PickledArray(shape: shape, strides: strides, type: type)
    if let size = type.size {
      guard case .bytes(let bytes) = parts[3] else { throw refusal("an array whose values are no bytes") }
      array.values = bytes
      try requireBytes(bytes, shape, size)
    } else {
      guard case .node(let place) = parts[3], case .list(let items) = nodes[place],
        items.count == StoredArray.count(of: shape)
      else { throw refusal("an array of objects of shape \(shape) without them") }
      array.objects = parts[3]
    }
    return array
  }

  private func requireBytes(_ bytes: PickledBytes, _ shape: [Int], _ size: Int) throws(FileError) {
    let count = StoredArray.count(of: shape)?.multipliedReportingOverflow(by: size)
    guard let count, !count.overflow, count.partialValue == bytes.count else {
      throw refusal("an array of shape \(shape) and \(size) bytes per element with \(bytes.count) bytes of values")
    }
  }

  /// NumPy 1.0 wrote whole numbers for flags.
  private func flag(_ value: Pickle.Value) -> Pickle.Value {
    if case .integer(let number) = value, number == 0 || number == 1 { return .bool(number == 1) }
    return value
  }

  private func type(_ value: Pickle.Value) -> PickledType? {
    guard case .node(let place) = value, case .elementType(let type) = nodes[place] else { return nil }
    return type
  }

  /// `dtype("f4", False, True)`, whose state follows.
  mutating func elementType(_ arguments: [Pickle.Value]) throws(FileError) -> Pickle.Value {
    guard let code = arguments.first.flatMap({ string($0) }) else { throw refusal("a type of elements without a name") }
    guard let type = PickledType(code: code) else {
      throw refusal(
        "elements of NumPy's type \(Self.shown(code))", action: "convert them with astype(\"float32\") and save again")
    }
    return make(.elementType(type))
  }

  /// A type with its state: version, byte order, and `None` for what only structures have.
  func type(_ type: PickledType, state: Pickle.Value) throws(FileError) -> PickledType {
    guard let parts = tuple(state), parts.count >= 5, let order = string(parts[1]),
      ["<", ">", "|", "="].contains(order),
      parts[2...4].allSatisfy({ $0 == .none })
    else { throw refusal("elements that are structures", action: "save plain arrays of numbers") }
    var type = type
    type.isBigEndian = order == ">"
    return type
  }

  /// A single number or text: type and bytes.
  mutating func scalar(_ arguments: [Pickle.Value]) throws(FileError) -> Pickle.Value {
    if arguments.count == 2, let text = self.type(arguments[0])?.text, case .bytes(let bytes) = arguments[1] {
      try hold(bytes.count)
      guard bytes.count == text.size, let value = text.text(try bytes.read(from: input.source)[...]) else {
        throw refusal("a text of NumPy's that is no text")
      }
      return .text(value)
    }
    guard arguments.count == 2, let type = self.type(arguments[0]), let number = type.number,
      case .bytes(let bytes) = arguments[1], bytes.count == number.size
    else { throw refusal("a number of NumPy's without type and bytes") }
    var values = try bytes.read(from: input.source)
    if type.isBigEndian { values.reverse() }
    let bits = values.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch number {
    case .bool: return .bool(bits != 0)
    case .uint64 where bits > UInt64(Int.max): return .wideInteger(values + [0])
    case .uint64: return .integer(Int(bits))
    case .int64: return .integer(Int(Int64(bitPattern: bits)))
    default:
      let value = number.number(bits)
      return number.isFloat ? .float(value) : .integer(Int(value))
    }
  }

  /// `_frombuffer(bytes, type, shape, order)`; in the order K the axes follow that the shape is permuted by.
  mutating func arrayFromBuffer(_ arguments: [Pickle.Value]) throws(FileError) -> Pickle.Value {
    guard (4...5).contains(arguments.count), case .bytes(let bytes) = arguments[0], let type = self.type(arguments[1]),
      let size = type.size, let shape = integers(arguments[2]), let order = string(arguments[3]),
      ["C", "F", "K"].contains(order), let strides = StoredArray.strides(of: shape, isFortran: order == "F")
    else { throw refusal("an array without bytes, type, shape and order") }
    try requireBytes(bytes, shape, size)
    var array = PickledArray(shape: shape, strides: strides, type: type)
    array.values = bytes
    if order == "K", arguments.count == 5, arguments[4] != .none {
      guard let axes = integers(arguments[4]), axes.sorted() == Array(shape.indices) else {
        throw refusal("an array whose axes are no permutation")
      }
      (array.shape, array.strides) = (axes.map { shape[$0] }, axes.map { strides[$0] })
    }
    return make(.array(array))
  }
}
