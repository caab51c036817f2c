internal import Yams

/// A value of a YAML text with the place where it was written.
package struct YAMLNode: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    /// A text as written; a plain one may stand for a number, a truth value or nothing.
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Entry])
  }

  /// A key with its value, in the order of the text.
  package struct Entry: Sendable, Equatable {
    package var key: String
    package var value: YAMLNode
  }

  package var content: Content
  package var origin: YAMLError.Origin

  package init(_ content: Content, origin: YAMLError.Origin = .line(1)) {
    (self.content, self.origin) = (content, origin)
  }

  /// Whether this is YAML's nothing: `null`, `~` or an empty place.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The value of a key, if this is a mapping that has it.
  package subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// What this is, for messages: `text "fast"`, `a list`.
  var kind: String {
    switch content {
    case .scalar where isNull: "nothing"
    case .scalar(let text, isPlain: _): "\"\(text.prefix(60))\""
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

// MARK: Reading

extension YAMLNode {
  /// Greatest size of a text in bytes, depth of nesting, number of values, and uses of aliases.
  private static let limits = (bytes: 1 << 20, depth: 32, values: 20_000, aliases: 16)

  /// Reads one YAML document.
  /// - Parameter source: the name of the text in messages, usually its file.
  /// - Throws: `YAMLError` on malformed YAML and on texts that are too large, too deep or too full of aliases.
  package init(parsing text: String, source: String, option: String? = nil) throws {
    func failure(_ line: Int, _ problem: String) -> YAMLError {
      YAMLError(source: source, origin: option.map { .option($0) } ?? .line(line), path: "", problem: problem)
    }
    guard text.utf8.count <= Self.limits.bytes else {
      throw failure(1, "\(text.utf8.count) bytes are too many; at most \(Self.limits.bytes) are read")
    }
    guard Self.aliasUses(in: text) <= Self.limits.aliases else {
      throw failure(1, "more than \(Self.limits.aliases) uses of aliases (*name); write the values out")
    }
    let root: Node?
    do {
      root = try Parser(yaml: text, encoding: .utf8).singleRoot()
    } catch let error as YamlError {
      let (line, problem) = error.placeAndProblem
      throw failure(line, problem)
    }
    guard let root else {
      self.init(.scalar("", isPlain: true), origin: option.map { .option($0) } ?? .line(1))
      return
    }
    var count = 0
    self = try Self.converted(root, option: option, line: 1, depth: 0, count: &count, failure: failure)
  }

  private static func converted(
    _ node: Node, option: String?, line outer: Int, depth: Int, count: inout Int,
    failure: (Int, String) -> YAMLError
  ) throws -> YAMLNode {
    let line = node.mark?.line ?? outer
    let origin: YAMLError.Origin = option.map { .option($0) } ?? .line(line)
    count += 1
    guard count <= limits.values else { throw failure(line, "more than \(limits.values) values") }
    guard depth <= limits.depth else { throw failure(line, "nested deeper than \(limits.depth) levels") }
    switch node {
    case .scalar(let scalar):
      return YAMLNode(.scalar(scalar.string, isPlain: scalar.style == .plain), origin: origin)
    case .sequence(let sequence):
      var values: [YAMLNode] = []
      for value in sequence {
        values.append(
          try converted(value, option: option, line: line, depth: depth + 1, count: &count, failure: failure))
      }
      return YAMLNode(.sequence(values), origin: origin)
    case .mapping(let mapping):
      var entries: [Entry] = []
      for (key, value) in mapping {
        guard case .scalar(let name) = key else {
          throw failure(key.mark?.line ?? line, "a key must be a word, not a list or a mapping")
        }
        let keyLine = name.mark?.line ?? line
        var converted = try converted(
          value, option: option, line: keyLine, depth: depth + 1, count: &count, failure: failure)
        if option == nil { converted.origin = .line(keyLine) }
        entries.append(Entry(key: name.string, value: converted))
      }
      return YAMLNode(.mapping(entries), origin: origin)
    case .alias:
      throw failure(line, "an alias that stands for nothing")
    }
  }

  /// How often names that have an anchor somewhere (`&name`) are used somewhere (`*name`).
  ///
  /// Quotes and comments are not looked at, so this counts at least every alias that the parser sees. A parser of
  /// nested aliases needs exponential time, which makes this a check to be done before it.
  private static func aliasUses(in text: String) -> Int {
    func names(after mark: UInt8) -> [Substring.UTF8View.SubSequence] {
      text.utf8.split(separator: mark, omittingEmptySubsequences: false).dropFirst().map {
        $0.prefix { (48...57).contains($0) || (65...90).contains($0 & 0xDF) || $0 == 95 || $0 == 45 }
      }
    }
    let anchors = Set(names(after: UInt8(ascii: "&")).map(Array.init))
    return names(after: UInt8(ascii: "*")).count { !$0.isEmpty && anchors.contains(Array($0)) }
  }
}

extension YamlError {
  /// The line and the parser's own words.
  fileprivate var placeAndProblem: (line: Int, problem: String) {
    switch self {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      (mark.line, "not YAML: " + (context.map { "\($0.text): " } ?? "") + problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, "the key \(duplicates.sorted().joined(separator: ", ")) is there twice")
    case .reader(let problem, _, _, _): (1, "not YAML: \(problem)")
    default: (1, "not YAML: \(self)")
    }
  }
}
