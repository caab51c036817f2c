extension YAMLNode {
  /// Sets the value at a path, as in `--set optimizer.groups[0].match=head.*`; creates missing mappings.
  ///
  /// Decoding the tree reports unknown keys.
  ///
  /// - Throws: `YAMLError` if the assignment is malformed, or its path leads through a value without keys.
  package mutating func set(_ assignment: String) throws {
    let option = "--set \(assignment)"
    func failure(_ path: String, _ problem: String) -> YAMLError {
      YAMLError(source: "", origin: .option(option), path: path, problem: problem)
    }
    guard let equals = assignment.firstIndex(of: "=") else {
      throw failure("", "expected key.path=value")
    }
    guard let steps = Self.steps(of: assignment[..<equals]) else { throw failure("", "expected key.path=value") }
    let text = assignment[assignment.index(after: equals)...]
    guard !text.allSatisfy(\.isWhitespace) else {
      throw failure("", "expected a value; use null for none")
    }
    try set(Self.value(String(text), option: option), at: steps[...], walked: [], failure: failure)
  }

  /// The value of an assignment, which has no comments: a `#` belongs to it wherever it stands.
  private static func value(_ text: String, option: String) throws -> YAMLNode {
    guard text.contains("#") else { return try YAMLNode(parsing: text, source: "", option: option) }
    // A character without a meaning in YAML stands for it while the text is parsed.
    let scalars = Set(text.unicodeScalars)
    guard
      let mark = (0xE000...0xF8FF as ClosedRange<UInt32>).lazy.compactMap({ Unicode.Scalar($0) }).first(where: {
        !scalars.contains($0)
      })
    else { return try YAMLNode(parsing: text, source: "", option: option) }
    return try YAMLNode(parsing: text.replacing("#", with: String(mark)), source: "", option: option)
      .replacing(String(mark), with: "#")
  }

  /// The tree with a text replaced in its keys and values.
  private func replacing(_ text: String, with other: String) -> YAMLNode {
    var result = self
    switch content {
    case .scalar(let value, let isPlain): result.content = .scalar(value.replacing(text, with: other), isPlain: isPlain)
    case .sequence(let values): result.content = .sequence(values.map { $0.replacing(text, with: other) })
    case .mapping(let entries):
      result.content = .mapping(
        entries.map { Entry(key: $0.key.replacing(text, with: other), value: $0.value.replacing(text, with: other)) })
    }
    return result
  }

  /// The keys and list indices of a path such as `groups[0].match`; `nil` if it is malformed.
  private static func steps(of path: Substring) -> [String]? {
    var steps: [String] = []
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let key = pieces.first, !key.isEmpty, !key.contains("]") else { return nil }
      steps.append(String(key))
      for position in pieces.dropFirst() {
        guard position.last == "]", let number = Int(position.dropLast()) else { return nil }
        steps.append(String(number))
      }
    }
    return steps
  }

  private mutating func set(
    _ value: YAMLNode, at steps: ArraySlice<String>, walked: [String], failure: (String, String) -> YAMLError
  ) throws {
    guard let step = steps.first else {
      self = value
      return
    }
    let path = (walked + [step]).joined(separator: ".")
    switch content {
    case .mapping(var entries):
      let index = entries.firstIndex { $0.key == step } ?? entries.count
      if index == entries.count {
        entries.append(Entry(key: step, value: YAMLNode(.scalar("", isPlain: true), origin: value.origin)))
      }
      try entries[index].value.set(value, at: steps.dropFirst(), walked: walked + [step], failure: failure)
      content = .mapping(entries)
    case .sequence(var values):
      guard let index = Int(step), values.indices.contains(index) else {
        throw failure(path, "expected a list index in 0 ..< \(values.count)")
      }
      try values[index].set(value, at: steps.dropFirst(), walked: walked + [step], failure: failure)
      content = .sequence(values)
    case .scalar where isNull:
      self = YAMLNode(.mapping([]), origin: value.origin)
      try set(value, at: steps, walked: walked, failure: failure)
    case .scalar:
      throw failure(path, "\(walked.joined(separator: ".")) is \(kind) and has no keys")
    }
  }
}
