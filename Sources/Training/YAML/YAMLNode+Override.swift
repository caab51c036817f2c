extension YAMLNode {
  /// Sets the value at a path, as `--set optimizer.groups[0].rate=2` asks; missing mappings are made.
  ///
  /// A key that nobody reads is found when the tree is decoded.
  /// - Throws: `YAMLError` if the assignment is malformed or leads through a value that has no keys.
  package mutating func set(_ assignment: String) throws {
    let option = "--set \(assignment)"
    func failure(_ path: String, _ problem: String) -> YAMLError {
      YAMLError(source: "", origin: .option(option), path: path, problem: problem)
    }
    guard let equals = assignment.firstIndex(of: "=") else {
      throw failure("", "expected key.path=value")
    }
    let steps = assignment[..<equals].split(omittingEmptySubsequences: false) { ".[".contains($0) }
      .map { $0.hasSuffix("]") ? $0.dropLast() : $0 }.map(String.init)
    guard steps.allSatisfy({ !$0.isEmpty }) else { throw failure("", "expected key.path=value") }
    let value = try YAMLNode(
      parsing: String(assignment[assignment.index(after: equals)...]), source: "", option: option)
    try set(value, at: steps[...], walked: [], failure: failure)
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
        throw failure(path, "the list has the positions 0 ..< \(values.count)")
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
