internal import Support

/// Decodes a YAML tree and rejects keys that the decoded type does not read.
package struct StrictDecoder {
  private let source: String
  private let userInfo: [CodingUserInfoKey: any Sendable]

  /// A decoder of one text.
  ///
  /// - Parameters:
  ///   - source: the name of the text in messages, usually its path.
  ///   - userInfo: the decoder's `userInfo`, such as a registry of layers.
  package init(source: String, userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
    (self.source, self.userInfo) = (source, userInfo)
  }

  /// Decodes a tree.
  ///
  /// - Throws: `YAMLError` for an unknown key, a missing key, a value of the wrong type or an invalid value.
  package func decode<Value: Decodable>(_ type: Value.Type, from node: YAMLNode) throws -> Value {
    let audit = KeyAudit(userInfo: userInfo)
    do {
      let value = try NodeDecoder(node: node, codingPath: [], audit: audit).decode(type)
      if let unknown = audit.firstUnknown(in: node) { throw unknown.naming(source) }
      return value
    } catch let error as DecodingError {
      throw described(error, in: node, audit: audit)
    }
  }

  /// Decodes a text.
  ///
  /// - Throws: `YAMLError` as `decode(_:from:)` of a tree, and for text that is not YAML.
  package func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    try decode(type, from: YAMLNode(parsing: text, source: source))
  }

  private func described(_ error: DecodingError, in root: YAMLNode, audit: KeyAudit) -> YAMLError {
    switch error {
    case .keyNotFound(let key, let context):
      let place = root.nearest(to: context.codingPath)
      // A misspelled key is both missing and unknown; report the latter, with a hint.
      if let misspelled = audit.misspelling(of: key.stringValue, in: place, at: context.codingPath.yamlPath) {
        return misspelled.naming(source)
      }
      return YAMLError(
        source: source, origin: place.origin, path: (context.codingPath + [key]).yamlPath,
        problem: "this required key is missing")
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return YAMLError(
        source: source, origin: root.nearest(to: context.codingPath).origin, path: context.codingPath.yamlPath,
        problem: context.debugDescription)
    @unknown default:
      return YAMLError(source: source, origin: root.origin, path: "", problem: "\(error)")
    }
  }
}

extension YAMLError {
  fileprivate func naming(_ source: String) -> YAMLError {
    var error = self
    error.source = source
    return error
  }
}

extension YAMLNode {
  /// The node at a path, or the last existing one on it.
  fileprivate func nearest(to path: [any CodingKey]) -> YAMLNode {
    guard let step = path.first else { return self }
    var next: YAMLNode?
    if case .sequence(let values) = content, let index = step.intValue, values.indices.contains(index) {
      next = values[index]
    } else {
      next = self[step.stringValue]
    }
    return next?.nearest(to: Array(path.dropFirst())) ?? self
  }
}

extension [any CodingKey] {
  /// The path as a user writes it: `optimizer.groups[0].match`.
  var yamlPath: String {
    reduce(into: "") { path, key in
      if let index = key.intValue {
        path += "[\(index)]"
      } else {
        path += (path.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}

/// The shared state of all decoders of one tree: the keys read so far, by the path of their mapping, and `userInfo`.
final class KeyAudit {
  let userInfo: [CodingUserInfoKey: any Sendable]
  private var asked: [String: Set<String>] = [:]
  /// Keys by other names, by the path of their mapping.
  private var otherNames: [String: [String: String]] = [:]

  init(userInfo: [CodingUserInfoKey: any Sendable]) { self.userInfo = userInfo }

  /// Records that the mapping at `path` was opened with keys of a type.
  func open(_ path: String, keyedBy type: any CodingKey.Type) {
    asked[path, default: []].formUnion([])
    if let type = type as? any OtherNames.Type {
      otherNames[path, default: [:]].merge(type.otherNames) { first, _ in first }
    }
  }

  func ask(_ key: String, at path: String) { asked[path, default: []].insert(key) }

  /// The first key, in the order of the text, that was not read.
  func firstUnknown(in node: YAMLNode, at path: String = "") -> YAMLError? {
    switch node.content {
    case .scalar: return nil
    case .sequence(let values):
      return values.enumerated().lazy.compactMap { self.firstUnknown(in: $1, at: "\(path)[\($0)]") }.first
    case .mapping(let entries):
      // A mapping that was not opened was decoded as a whole, or is an error of its own.
      guard let known = asked[path] else { return nil }
      for entry in entries {
        let entryPath = path.isEmpty ? entry.key : "\(path).\(entry.key)"
        if !known.contains(entry.key) {
          return unknown(entry, at: entryPath, known: known)
        }
        if let error = firstUnknown(in: entry.value, at: entryPath) { return error }
      }
      return nil
    }
  }

  /// The error of a key that was not read and is probably a misspelling of `key`.
  func misspelling(of key: String, in node: YAMLNode, at path: String) -> YAMLError? {
    guard case .mapping(let entries) = node.content else { return nil }
    let known = asked[path] ?? []
    let meant = entries.first { !known.contains($0.key) && nearest(to: $0.key, among: [key]) != nil }
    return meant.map { unknown($0, at: path.isEmpty ? $0.key : "\(path).\($0.key)", known: [key]) }
  }

  private func unknown(_ entry: YAMLNode.Entry, at path: String, known: Set<String>) -> YAMLError {
    let parent = path == entry.key ? "" : String(path.dropLast(entry.key.count + 1))
    let hint =
      if let meant = otherNames[parent]?[entry.key] ?? nearest(to: entry.key, among: known) {
        "did you mean \"\(meant)\"?"
      } else {
        "known here: \(known.sorted().joined(separator: ", "))"
      }
    return YAMLError(source: "", origin: entry.value.origin, path: path, problem: "unknown key; \(hint)")
  }
}
