internal import Support

/// The decoder of one node of a YAML tree.
struct NodeDecoder: Decoder {
  let node: YAMLNode
  let codingPath: [any CodingKey]
  let audit: KeyAudit
  var userInfo: [CodingUserInfoKey: Any] { audit.userInfo }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .mapping(let entries) = node.content else { throw mismatch(type, expected: "a mapping") }
    audit.open(codingPath.yamlPath, keyedBy: type)
    let values = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    return KeyedDecodingContainer(
      KeyedNodes(values: values, names: entries.map(\.key), codingPath: codingPath, audit: audit))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .sequence(let values) = node.content else { throw mismatch([Any].self, expected: "a list") }
    return UnkeyedNodes(values: values, codingPath: codingPath, audit: audit)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func mismatch(_ type: Any.Type, expected: String, hint: String = "") -> DecodingError {
    .typeMismatch(
      type, .init(codingPath: codingPath, debugDescription: "expected \(expected), found \(node.kind)\(hint)"))
  }
}

extension NodeDecoder: SingleValueDecodingContainer {
  func decodeNil() -> Bool { node.isNull }

  func decode(_ type: Bool.Type) throws -> Bool {
    guard case .scalar(let text, isPlain: true) = node.content else { throw mismatch(type, expected: "true or false") }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    case _ where ["yes", "on", "y"].contains(text.lowercased()):
      throw mismatch(type, expected: "true or false", hint: "; write true")
    case _ where ["no", "off", "n"].contains(text.lowercased()):
      throw mismatch(type, expected: "true or false", hint: "; write false")
    default: throw mismatch(type, expected: "true or false")
    }
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .scalar(let text, isPlain: _) = node.content, !node.isNull else {
      throw mismatch(type, expected: "a text")
    }
    return text
  }

  func decode(_ type: Double.Type) throws -> Double { try number() }
  func decode(_ type: Float.Type) throws -> Float { try number() }
  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard let names = caseNames(of: type) else { return try Value(from: self) }
    let text = try decode(String.self)
    guard !names.contains(text) else { return try Value(from: self) }
    let hint = nearest(to: text, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    throw DecodingError.dataCorrupted(
      .init(
        codingPath: codingPath,
        debugDescription: "expected one of \(names.joined(separator: ", ")), found \(node.kind)\(hint)"))
  }

  private func integer<Value: FixedWidthInteger>() throws -> Value {
    let least = Value.min == 0 ? "a whole number from 0" : "a whole number"
    guard case .scalar(let text, isPlain: true) = node.content,
      let value = Value(text.filter { $0 != "_" })
    else { throw mismatch(Value.self, expected: least) }
    return value
  }

  /// A finite decimal number.
  private func number<Value: BinaryFloatingPoint & LosslessStringConvertible>() throws -> Value {
    guard case .scalar(let text, isPlain: true) = node.content,
      text.allSatisfy({ "+-.0123456789eE_".contains($0) }),
      let value = Value(text.filter { $0 != "_" }), value.isFinite
    else { throw mismatch(Value.self, expected: "a number") }
    return value
  }
}

/// The raw texts of an enumeration's cases; `nil` for other types.
private func caseNames(of type: Any.Type) -> [String]? {
  guard let type = type as? any CaseIterable.Type else { return nil }
  func names<Cases: CaseIterable>(_: Cases.Type) -> [String]? {
    let names = Cases.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
    return names.isEmpty ? nil : names
  }
  return names(type)
}

/// The keys of a mapping.
private struct KeyedNodes<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let values: [String: YAMLNode]
  let names: [String]
  let codingPath: [any CodingKey]
  let audit: KeyAudit

  var allKeys: [Key] { names.compactMap(Key.init(stringValue:)) }

  func contains(_ key: Key) -> Bool {
    audit.ask(key.stringValue, at: codingPath.yamlPath)
    return values[key.stringValue] != nil
  }

  func decodeNil(forKey key: Key) throws -> Bool { try decoder(for: key).decodeNil() }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    try decoder(for: key).decode(type)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(for: key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(for: key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { NodeDecoder(node: whole, codingPath: codingPath, audit: audit) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(for: key) }

  private var whole: YAMLNode {
    YAMLNode(.mapping(names.compactMap { name in values[name].map { .init(key: name, value: $0) } }))
  }

  private func decoder(for key: Key) throws -> NodeDecoder {
    guard contains(key), let node = values[key.stringValue] else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: ""))
    }
    return NodeDecoder(node: node, codingPath: codingPath + [key], audit: audit)
  }
}

/// The values of a list.
private struct UnkeyedNodes: UnkeyedDecodingContainer {
  let values: [YAMLNode]
  let codingPath: [any CodingKey]
  let audit: KeyAudit
  private(set) var currentIndex = 0

  var count: Int? { values.count }
  var isAtEnd: Bool { currentIndex == values.count }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, values[currentIndex].isNull else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let value = try decoder().decode(type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try superNode().container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try superNode().unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { try superNode() }

  private mutating func superNode() throws -> NodeDecoder {
    defer { currentIndex += 1 }
    return try decoder()
  }

  private func decoder() throws -> NodeDecoder {
    let path = codingPath + [Position(currentIndex)]
    guard !isAtEnd else {
      throw DecodingError.valueNotFound(
        YAMLNode.self, .init(codingPath: codingPath, debugDescription: "the list has only \(values.count) values"))
    }
    return NodeDecoder(node: values[currentIndex], codingPath: path, audit: audit)
  }
}

/// A position in a list as a coding key.
struct Position: CodingKey {
  let intValue: Int?
  var stringValue: String { "\(intValue ?? 0)" }

  init(_ index: Int) { intValue = index }
  init?(intValue: Int) { self.intValue = intValue }
  init?(stringValue: String) {
    guard let index = Int(stringValue) else { return nil }
    intValue = index
  }
}
