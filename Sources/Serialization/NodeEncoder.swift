internal import Yams

/// Encodes values as YAML that decodes to equal values: shortest exact numbers, keys in order of declaration.
package enum YAMLText {
  /// The YAML of a value, with a final line feed.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  package static func encode(_ value: some Encodable) throws -> String {
    let slot = Slot()
    try value.encode(to: NodeEncoder(slot: slot, codingPath: []))
    return try serialize(node: slot.node, width: -1, allowUnicode: true)
  }

  /// The YAML of the keys whose values differ from those of another value of the type.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  package static func encode<Value: Encodable>(_ value: Value, differingFrom other: Value) throws -> String {
    let (slot, others) = (Slot(), Slot())
    try value.encode(to: NodeEncoder(slot: slot, codingPath: []))
    try other.encode(to: NodeEncoder(slot: others, codingPath: []))
    return try serialize(node: slot.node.difference(from: others.node), width: -1, allowUnicode: true)
  }
}

/// A node of the tree that is being encoded.
private final class Slot {
  private var scalar = Node("null", Tag(.null))
  private var entries: [(key: String, slot: Slot)]?
  private var values: [Slot]?

  func set(_ node: Node) { scalar = node }
  func openMapping() { entries = entries ?? [] }
  func openSequence() { values = values ?? [] }
  var count: Int { values?.count ?? 0 }

  /// Sorts the entries of a dictionary, which differ in order from process to process.
  func sortEntries() { entries?.sort { $0.key < $1.key } }

  func slot(for key: String) -> Slot {
    let slot = Slot()
    entries?.append((key, slot))
    return slot
  }

  func nextSlot() -> Slot {
    let slot = Slot()
    values?.append(slot)
    return slot
  }

  /// The finished node; lists of scalars go on one line.
  var node: Node {
    if let entries {
      return Node(entries.map { (.quotedIfNeeded($0.key), $0.slot.node) }, .implicit, .block)
    }
    if let values {
      let nodes = values.map(\.node)
      return Node(nodes, .implicit, nodes.allSatisfy { $0.scalar != nil } ? .flow : .block)
    }
    return scalar
  }
}

extension Node {
  /// The keys of a mapping whose values differ from another mapping's; keys that only the other has are null.
  fileprivate func difference(from other: Node) -> Node {
    guard let mapping, let others = other.mapping else { return self }
    var entries: [(Node, Node)] = []
    for (key, value) in mapping where value != others[key] {
      entries.append((key, others[key].map { value.difference(from: $0) } ?? value))
    }
    for (key, _) in others where mapping[key] == nil { entries.append((key, Node("null", Tag(.null), .plain))) }
    return Node(entries, .implicit, .block)
  }

  /// A text, quoted if YAML would read it as a number, a boolean or null.
  fileprivate static func quotedIfNeeded(_ text: String) -> Node {
    let isWord = text.first.map { $0.isLetter || $0 == "_" } ?? false
    let isSafe = isWord && text.allSatisfy { $0.isLetter || $0.isNumber || "_-./".contains($0) }
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
    return isSafe && !words.contains(text.lowercased())
      ? Node(text, .implicit, .plain) : Node(text, Tag(.str), .doubleQuoted)
  }
}

private struct NodeEncoder: Encoder, SingleValueEncodingContainer {
  let slot: Slot
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    slot.openMapping()
    return KeyedEncodingContainer(KeyedSlots(slot: slot, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    slot.openSequence()
    return UnkeyedSlots(slot: slot, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { slot.set(Node("null", Tag(.null), .plain)) }
  func encode(_ value: Bool) { slot.set(Node(value ? "true" : "false", Tag(.bool), .plain)) }
  func encode(_ value: String) { slot.set(.quotedIfNeeded(value)) }
  func encode(_ value: Double) throws { try encodeNumber(value) }
  func encode(_ value: Float) throws { try encodeNumber(value) }
  func encode(_ value: Int) { encodeInteger(value) }
  func encode(_ value: Int8) { encodeInteger(value) }
  func encode(_ value: Int16) { encodeInteger(value) }
  func encode(_ value: Int32) { encodeInteger(value) }
  func encode(_ value: Int64) { encodeInteger(value) }
  func encode(_ value: UInt) { encodeInteger(value) }
  func encode(_ value: UInt8) { encodeInteger(value) }
  func encode(_ value: UInt16) { encodeInteger(value) }
  func encode(_ value: UInt32) { encodeInteger(value) }
  func encode(_ value: UInt64) { encodeInteger(value) }
  func encode(_ value: some Encodable) throws {
    try value.encode(to: self)
    if value is [String: Any] { slot.sortEntries() }
  }

  private func encodeInteger(_ value: some FixedWidthInteger) {
    slot.set(Node("\(value)", Tag(.int), .plain))
  }

  private func encodeNumber<Value: BinaryFloatingPoint & CustomStringConvertible>(_ value: Value) throws {
    guard value.isFinite else {
      throw EncodingError.invalidValue(
        value,
        .init(codingPath: codingPath, debugDescription: "\(codingPath.yamlPath): \(value) is not a finite number"))
    }
    slot.set(Node(value.description, Tag(.float), .plain))
  }
}

private struct KeyedSlots<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let slot: Slot
  let codingPath: [any CodingKey]

  func encodeNil(forKey key: Key) { encoder(for: key).encodeNil() }
  func encode(_ value: some Encodable, forKey key: Key) throws { try encoder(for: key).encode(value) }
  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> { encoder(for: key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(for: key).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { NodeEncoder(slot: slot, codingPath: codingPath) }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(for: key) }

  private func encoder(for key: Key) -> NodeEncoder {
    NodeEncoder(slot: slot.slot(for: key.stringValue), codingPath: codingPath + [key])
  }
}

private struct UnkeyedSlots: UnkeyedEncodingContainer {
  let slot: Slot
  let codingPath: [any CodingKey]
  var count: Int { slot.count }

  func encodeNil() { encoder().encodeNil() }
  func encode(_ value: some Encodable) throws { try encoder().encode(value) }
  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    encoder().container(keyedBy: type)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder() }

  private func encoder() -> NodeEncoder {
    NodeEncoder(slot: slot.nextSlot(), codingPath: codingPath + [Position(slot.count)])
  }
}
