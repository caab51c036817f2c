internal import Support

/// The stack machine of a pickle; it knows how to build values, and no way to run anything.
struct PickleMachine {
  /// The most operations, and values put into containers.
  private static let workLimit = 1 << 23

  var input: PickleInput
  private(set) var nodes: [Pickle.Node] = []
  /// Dictionaries that were made by OrderedDict, whose attributes may follow.
  var ordered: Set<Int> = []
  let allowsStorages: Bool
  private var stack: [Pickle.Value] = []
  private var marks: [Int] = []
  private var memo: [Int: Pickle.Value] = [:]
  private var work = 0
  private var heldBytes = 0
  /// Where the current operation begins, for errors.
  private var place = 0

  init(_ source: any ByteSource, from start: Int, allowsStorages: Bool) {
    input = PickleInput(source, at: start)
    self.allowsStorages = allowsStorages
  }

  /// Runs until the pickle's end, and returns what it stands for.
  mutating func run() throws(FileError) -> Pickle.Value {
    while true {
      place = input.position
      let byte = try input.byte()
      try charge(1)
      guard let operation = PickleOperation(rawValue: byte) else {
        throw refusal("byte \(byte) is no operation", action: "it is no pickle, damaged or of a later protocol")
      }
      if operation == .stop { break }
      try perform(operation)
    }
    let root = try pop()
    guard stack.isEmpty, marks.isEmpty else { throw refusal("\(stack.count) values are left at its end") }
    return root
  }

  private mutating func perform(_ operation: PickleOperation) throws(FileError) {
    switch operation {
    case .stop: break
    case .protocolVersion:
      let version = try input.byte()
      guard version <= 5 else {
        throw refusal("protocol \(version)", action: "save it with a protocol from 0 to 5")
      }
    case .frame:
      let length = try input.length()
      guard length <= input.left else {
        throw refusal("a frame of \(length) bytes, and \(input.left) are left")
      }
    case .mark: marks.append(stack.count)
    case .pop:
      // As Python does, a mark that lies on top goes in place of a value.
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .duplicate: stack.append(try top())
    case .none: stack.append(.none)
    case .newTrue: stack.append(.bool(true))
    case .newFalse: stack.append(.bool(false))
    case .int, .binaryInt, .binaryInt1, .binaryInt2, .long, .long1, .long4, .float, .binaryFloat:
      stack.append(try number(operation))
    case .string, .binaryString, .shortBinaryString, .binaryBytes, .shortBinaryBytes, .binaryBytes8, .byteArray8,
      .unicode, .binaryUnicode, .shortBinaryUnicode, .binaryUnicode8:
      stack.append(try text(operation))
    case .emptyList: push(.list([]))
    case .emptyTuple: push(.tuple([]))
    case .emptyDictionary: push(.dictionary([]))
    case .emptySet: push(.set([]))
    case .list: push(.list(try popToMark()))
    case .tuple: push(.tuple(try popToMark()))
    case .frozenSet: push(.set(try popToMark()))
    case .tuple1: push(.tuple(try pop(1)))
    case .tuple2: push(.tuple(try pop(2)))
    case .tuple3: push(.tuple(try pop(3)))
    case .dictionary:
      let pairs = try paired(popToMark())
      push(.dictionary(pairs))
    case .append: try add([try pop()])
    case .appends: try add(try popToMark())
    case .addItems: try add(try popToMark(), toSet: true)
    case .setItem: try set(try paired(pop(2)))
    case .setItems: try set(try paired(popToMark()))
    case .put: memo[try index()] = try top()
    case .binaryPut: memo[try input.number(1)] = try top()
    case .longBinaryPut: memo[try input.number(4)] = try top()
    case .memoize: memo[memo.count] = try top()
    case .get: stack.append(try recall(try index()))
    case .binaryGet: stack.append(try recall(try input.number(1)))
    case .longBinaryGet: stack.append(try recall(try input.number(4)))
    case .global:
      let (module, name) = (try word(), try word())
      try pushGlobal(module, name)
    case .stackGlobal:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw refusal("a global whose name is no text")
      }
      try pushGlobal(module, name)
    case .reduce:
      let (arguments, callable) = (try pop(), try pop())
      guard case .callable(let global) = callable, let items = tuple(arguments) else {
        throw refusal("it calls for what is no function that may be called for")
      }
      stack.append(try call(global, items))
    case .build:
      let state = try pop()
      try build(try top(), state)
    case .binaryPersistentID: stack.append(try storage(try pop()))
    case .persistentID:
      let identifier = try word()
      throw refusal("the persistent identifier \(Self.shown(identifier))", action: "save plain arrays or tensors")
    case .instance:
      let (module, name) = (try word(), try word())
      let named = Self.shown(module + "." + name)
      throw refusal("it makes an instance of \(named), which would run code")
    case .newObject:
      let (arguments, callable) = (try pop(), try pop())
      guard case .callable(.record(let name)) = callable, tuple(arguments)?.isEmpty == true else {
        throw refusal("it makes an instance of a class (\(operation)), which would run code")
      }
      push(.placeholder(name))
    case .object, .newObjectWithKeywords:
      throw refusal("it makes an instance of a class (\(operation)), which would run code")
    case .extension1, .extension2, .extension4:
      throw refusal("it calls for a function by a registered code (\(operation))")
    case .nextBuffer, .readOnlyBuffer:
      throw refusal("its values lie in buffers outside of it", action: "save it without out-of-band buffers")
    }
  }

  // MARK: The stack

  /// Counts what is done and built: a pickle cannot make more than its limit, however often it shares.
  mutating func charge(_ count: Int) throws(FileError) {
    work += count
    guard work <= Self.workLimit else {
      throw refusal("more than \(Self.workLimit) operations and values", action: "save its arrays alone")
    }
  }

  /// Counts bytes that are held in memory: what is decoded is never much more than the pickle itself.
  mutating func hold(_ count: Int) throws(FileError) {
    heldBytes += count
    guard heldBytes <= 2 * input.source.size + 1 << 16 else {
      throw refusal("it copies more bytes than it has")
    }
  }

  /// Puts a new container on the stack.
  mutating func push(_ node: Pickle.Node) { stack.append(make(node)) }

  /// A new container.
  mutating func make(_ node: Pickle.Node) -> Pickle.Value {
    nodes.append(node)
    return .node(nodes.count - 1)
  }

  private var floor: Int { marks.last ?? 0 }

  private func top() throws(FileError) -> Pickle.Value {
    guard stack.count > floor, let top = stack.last else { throw refusal("its stack is empty") }
    return top
  }

  private mutating func pop() throws(FileError) -> Pickle.Value {
    let top = try top()
    stack.removeLast()
    return top
  }

  private mutating func pop(_ count: Int) throws(FileError) -> [Pickle.Value] {
    guard stack.count - floor >= count else { throw refusal("its stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws(FileError) -> [Pickle.Value] {
    guard let mark = marks.popLast() else { throw refusal("it has no mark") }
    let count = stack.count - mark
    try charge(count)
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private func paired(_ values: [Pickle.Value]) throws(FileError) -> [(key: Pickle.Value, value: Pickle.Value)] {
    guard values.count.isMultiple(of: 2) else { throw refusal("a key without a value") }
    return stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
  }

  /// Adds items to the list or set on top.
  private mutating func add(_ items: [Pickle.Value], toSet: Bool = false) throws(FileError) {
    guard case .node(let place) = try top() else { throw refusal("items are added to what is no list") }
    switch nodes[place] {
    case .list(var list) where !toSet:
      nodes[place] = .list([])
      list += items
      nodes[place] = .list(list)
    case .set(var set) where toSet:
      nodes[place] = .set([])
      set += items
      nodes[place] = .set(set)
    default: throw refusal("items are added to what is no \(toSet ? "set" : "list")")
    }
  }

  /// Sets entries of the dictionary on top.
  private mutating func set(_ added: [(key: Pickle.Value, value: Pickle.Value)]) throws(FileError) {
    guard case .node(let place) = try top(), case .dictionary(var pairs) = nodes[place] else {
      throw refusal("entries are set in what is no dictionary")
    }
    nodes[place] = .dictionary([])
    pairs += added
    nodes[place] = .dictionary(pairs)
  }

  private func recall(_ index: Int) throws(FileError) -> Pickle.Value {
    guard let value = memo[index] else { throw refusal("value \(index) of its memo, which was never put there") }
    return value
  }

  // MARK: Access of the other parts

  /// Replaces a container.
  mutating func replace(_ place: Int, by node: Pickle.Node) { nodes[place] = node }

  /// The items of a tuple; `nil` for any other value.
  func tuple(_ value: Pickle.Value) -> [Pickle.Value]? {
    guard case .node(let place) = value, case .tuple(let items) = nodes[place] else { return nil }
    return items
  }

  /// Puts a global on the stack.
  private mutating func pushGlobal(_ module: String, _ name: String) throws(FileError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      let (what, action) = PickleGlobal.refusal(module: Self.shown(module), name: Self.shown(name))
      throw refusal(what, action: action)
    }
    stack.append(.callable(global))
  }

  /// The error of the operation that is being performed.
  func refusal(_ what: String, action: String = "it is damaged or malicious") -> FileError {
    FileError(
      what: "\(what) (byte \(place) of the pickle)", path: input.source.path,
      expected: "tensors, arrays, numbers, texts and plain containers, which alone are read from pickles",
      action: action
    )
  }

  /// A name as it may be shown: short, and without control characters.
  static func shown(_ text: String) -> String {
    let text = text.count > 120 ? text.prefix(120) + "…" : text[...]
    return text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } ? String(text) : text.debugDescription
  }
}
