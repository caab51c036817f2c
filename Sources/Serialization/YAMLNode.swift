internal import Yams

/// A node of a YAML tree, with its origin in the text.
package struct YAMLNode: Sendable, Equatable {
  /// The content of a node.
  package enum Content: Sendable, Equatable {
    /// A text; a plain (unquoted) one can be a number, a boolean or null.
    case scalar(String, isPlain: Bool)
    /// A list.
    case sequence([YAMLNode])
    /// Keys and values, in the order of the text.
    case mapping([Entry])
  }

  /// A key and its value.
  package struct Entry: Sendable, Equatable {
    /// The key.
    package var key: String
    /// The value; its origin is the line of the key.
    package var value: YAMLNode
  }

  /// The content.
  package var content: Content
  /// The line or the command-line option that it comes from.
  package var origin: YAMLError.Origin

  /// A node; default origin: line 1.
  package init(_ content: Content, origin: YAMLError.Origin = .line(1)) {
    (self.content, self.origin) = (content, origin)
  }

  /// Whether it is null: `null`, `~` or empty.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The value of a key; `nil` if this is not a mapping or lacks the key.
  package subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The node in messages: `"fast"`, `a list`.
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
  /// The largest size in bytes, depth of nesting, number of values and number of alias uses.
  private static let limits = (bytes: 1 << 20, depth: 32, values: 20_000, aliases: 16)

  /// Parses one YAML document.
  ///
  /// - Parameters:
  ///   - source: the name of the text in messages, usually its path.
  ///   - option: the command-line option that the text comes from, if any.
  /// - Throws: `YAMLError` for text that is not YAML, or exceeds a limit of size, depth, values or aliases.
  package init(parsing text: String, source: String, option: String? = nil) throws {
    func failure(_ line: Int, _ problem: String) -> YAMLError {
      YAMLError(source: source, origin: option.map { .option($0) } ?? .line(line), path: "", problem: problem)
    }
    guard text.utf8.count <= Self.limits.bytes else {
      throw failure(1, "\(text.utf8.count) bytes; expected at most \(Self.limits.bytes)")
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
      throw failure(line, "an undefined alias")
    }
  }

  /// The number of uses (`*name`) of names that have an anchor (`&name`).
  ///
  /// It ignores quotes and comments, so it counts at least every alias that the parser sees. Nested aliases take a parser
  /// exponential time: check before parsing.
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
  /// The line and the parser's message.
  fileprivate var placeAndProblem: (line: Int, problem: String) {
    switch self {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      (mark.line, "not YAML: " + (context.map { "\($0.text): " } ?? "") + problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      if let key = duplicates.min(), let line = context.nextLine(of: key) {
        (line, "duplicate key \(key), which line \(context.mark.line) has already")
      } else {
        (context.mark.line, "duplicate key \(duplicates.sorted().joined(separator: ", "))")
      }
    case .reader(let problem, _, _, _): (1, "not YAML: \(problem)")
    default: (1, "not YAML: \(self)")
    }
  }
}

extension YamlError.Context {
  /// The line behind the mark that has a key of the same block again; `nil` for keys of one line, as in braces.
  fileprivate func nextLine(of key: String) -> Int? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let column = mark.column - 1
    for (place, line) in lines.enumerated().dropFirst(mark.line) {
      let indentation = line.prefix { $0 == " " }.count
      let content = line.dropFirst(indentation)
      if content.isEmpty || content.hasPrefix("#") || indentation > column { continue }
      if indentation < column { return nil }
      let forms = [key, "\"\(key)\"", "'\(key)'"]
      let isKey = forms.contains { form in
        content.hasPrefix(form) && content.dropFirst(form.count).drop { $0 == " " }.first == ":"
      }
      if isKey { return place + 1 }
    }
    return nil
  }
}
