package import Support

/// What a pickle holds, as plain values: a restricted reader that builds containers, numbers, texts, arrays and tensors,
/// and refuses everything else. Nothing in a pickle is ever executed.
///
/// Protocols 0 to 5 are read (PEP 3154, PEP 574), as Python 2 and 3, NumPy 1 and 2 and torch write them. Containers may be
/// shared, but not contain themselves, and nest at most ``depthLimit`` levels.
package struct Pickle: Sendable {
  /// The most levels of containers.
  package static let depthLimit = 64

  /// A value: a number, a text, or a reference to a container, which several places can share.
  package enum Value: Sendable, Equatable {
    case none
    case bool(Bool)
    case integer(Int)
    /// A whole number of more than 64 bits, by its bytes in two's complement, the lowest first.
    case wideInteger([UInt8])
    case float(Double)
    case text(String)
    case bytes(PickledBytes)
    /// A list, tuple, set, dictionary, array or tensor, by its place in the pickle.
    case node(Int)
    /// A function or class that may be called for; never a result.
    case callable(PickleGlobal)
  }

  /// What a reference refers to.
  package enum Node: Sendable {
    case list([Value]), tuple([Value]), set([Value])
    /// Keys and values in order; of equal keys the last one counts.
    case dictionary([(key: Value, value: Value)])
    case array(PickledArray)
    /// NumPy's type of elements.
    case elementType(PickledType)
    case storage(TorchStorage)
    case tensor(TorchTensor)
    /// An object that is not read, such as `argparse.Namespace`: its class, and nothing of what is in it.
    case placeholder(String)
  }

  /// The value that the pickle stands for.
  package let root: Value
  /// Where the pickle ends in its source, in bytes.
  package let end: Int
  /// The source, in which long byte strings stay.
  package let source: any ByteSource
  private let nodes: [Node]

  /// Reads a pickle.
  ///
  /// - Parameters:
  ///   - source: where it is.
  ///   - start: where it begins, in bytes.
  ///   - allowsStorages: whether persistent identifiers may stand for torch's storages; all others are refused.
  /// - Throws: `FileError` that names the first thing that is damaged, too large or not allowed.
  package init(reading source: any ByteSource, from start: Int = 0, allowsStorages: Bool = false) throws(FileError) {
    var machine = PickleMachine(source, from: start, allowsStorages: allowsStorages)
    root = try machine.run()
    (nodes, end, self.source) = (machine.nodes, machine.input.position, source)
    try PickleDepth(of: nodes).requireTree(from: root, path: source.path)
  }

  /// All storages of torch's that it refers to.
  package var storages: [TorchStorage] {
    nodes.compactMap { node -> TorchStorage? in
      guard case .storage(let storage) = node else { return nil }
      return storage
    }
  }

  /// What a value refers to; `nil` for one that is no reference.
  package func node(_ value: Value) -> Node? {
    guard case .node(let index) = value else { return nil }
    return nodes[index]
  }

  /// The text of a value: of a string, or of bytes that are UTF-8, as Python 2 wrote names.
  package func text(_ value: Value) -> String? {
    switch value {
    case .text(let text): return text
    case .bytes(let bytes) where bytes.count <= 1 << 16:
      guard let bytes = try? self.bytes(bytes) else { return nil }
      return String(validating: bytes, as: UTF8.self)
    default: return nil
    }
  }

  /// Bytes of the pickle.
  ///
  /// - Throws: `FileError` where they cannot be read.
  package func bytes(_ bytes: PickledBytes) throws(FileError) -> [UInt8] { try bytes.read(from: source) }

  /// The entries of a dictionary whose keys are texts or whole numbers, each key once, in order; `nil` for any other
  /// value.
  package func entries(_ value: Value) -> [(name: String, value: Value)]? {
    guard case .dictionary(let pairs) = node(value) else { return nil }
    var entries: [(name: String, value: Value)] = []
    var places: [String: Int] = [:]
    for (key, value) in pairs {
      let name: String
      if case .integer(let number) = key {
        name = String(number)
      } else if let text = text(key) {
        name = text
      } else {
        continue
      }
      if let place = places[name] {
        entries[place].value = value
      } else {
        places[name] = entries.count
        entries.append((name, value))
      }
    }
    return entries
  }

  /// The items of a list, tuple or set; `nil` for any other value.
  package func items(_ value: Value) -> [Value]? {
    switch node(value) {
    case .list(let items), .tuple(let items), .set(let items): items
    default: nil
    }
  }
}

/// A byte string of a pickle: where it lies in the source, or its bytes.
package enum PickledBytes: Sendable, Equatable {
  case place(Range<Int>)
  case held([UInt8])

  /// The number of bytes.
  package var count: Int {
    switch self {
    case .place(let range): range.count
    case .held(let bytes): bytes.count
    }
  }

  func read(from source: any ByteSource) throws(FileError) -> [UInt8] {
    switch self {
    case .place(let range): try source.bytes(range.count, at: range.lowerBound)
    case .held(let bytes): bytes
    }
  }
}
