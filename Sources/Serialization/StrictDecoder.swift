internal import Support

/// Decodes a YAML tree and reports every key that the decoded type never asked for.
package struct StrictDecoder {
  private let source: String
  private let userInfo: [CodingUserInfoKey: any Sendable]

  /// - Parameters:
  ///   - source: the name of the text in messages, usually its file.
  ///   - userInfo: what types find in their decoder, such as a registry of layers.
  package init(source: String, userInfo: [CodingUserInfoKey: any Sendable] = [:]) {
    (self.source, self.userInfo) = (source, userInfo)
  }

  /// The value that the tree describes.
  /// - Throws: `YAMLError` for an unknown key, a missing one, a value of the wrong type or an impossible value.
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

  /// The value that a text describes.
  package func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    try decode(type, from: YAMLNode(parsing: text, source: source))
  }

  private func described(_ error: DecodingError, in root: YAMLNode, audit: KeyAudit) -> YAMLError {
    switch error {
    case .keyNotFound(let key, let context):
      let place = root.nearest(to: context.codingPath)
      // A misspelt key is both missing and unknown; the second is what its writer wants to hear.
      if let misspelt = audit.misspelling(of: key.stringValue, in: place, at: context.codingPath.yamlPath) {
        return misspelt.naming(source)
      }
      return YAMLError(
        source: source, origin: place.origin, path: (context.codingPath + [key]).yamlPath,
        problem: "this key is needed and missing")
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
  /// The value at a path, or the last one on the way that exists.
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

/// What all decoders of one tree share: the keys that decoding asked for, by the path of their mapping, and `userInfo`.
final class KeyAudit {
  let userInfo: [CodingUserInfoKey: any Sendable]
  private var asked: [String: Set<String>] = [:]

  init(userInfo: [CodingUserInfoKey: any Sendable]) { self.userInfo = userInfo }

  /// Notes that the mapping at `path` was opened.
  func open(_ path: String) { asked[path, default: []].formUnion([]) }

  func ask(_ key: String, at path: String) { asked[path, default: []].insert(key) }

  /// The first key, in the order of the text, that nobody asked for.
  func firstUnknown(in node: YAMLNode, at path: String = "") -> YAMLError? {
    switch node.content {
    case .scalar: return nil
    case .sequence(let values):
      return values.enumerated().lazy.compactMap { self.firstUnknown(in: $1, at: "\(path)[\($0)]") }.first
    case .mapping(let entries):
      // A mapping that nobody opened is a value taken whole or an error of its own.
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

  /// A key that nobody asked for and that may be meant to be `key`.
  func misspelling(of key: String, in node: YAMLNode, at path: String) -> YAMLError? {
    guard case .mapping(let entries) = node.content else { return nil }
    let known = asked[path] ?? []
    let meant = entries.first { !known.contains($0.key) && nearest(to: $0.key, among: [key]) != nil }
    return meant.map { unknown($0, at: path.isEmpty ? $0.key : "\(path).\($0.key)", known: [key]) }
  }

  private func unknown(_ entry: YAMLNode.Entry, at path: String, known: Set<String>) -> YAMLError {
    let hint =
      if let meant = nearest(to: entry.key, among: known) {
        "did you mean \"\(meant)\"?"
      } else {
        "known here: \(known.sorted().joined(separator: ", "))"
      }
    return YAMLError(source: "", origin: entry.value.origin, path: path, problem: "unknown key; \(hint)")
  }
}
