/// What an import does not read, counted by kind with an example of each.
struct PassedOver {
  private var kinds: [(kind: String, count: Int, example: String, hint: String)] = []

  /// Counts a file or folder of a kind, such as `hidden files`.
  /// - Parameter hint: how it can be read, such as `--nested takes them`.
  mutating func add(_ kind: String, _ example: String, count: Int = 1, hint: String = "") {
    guard let place = kinds.firstIndex(where: { $0.kind == kind }) else {
      kinds.append((kind, count, example, hint))
      return
    }
    kinds[place].count += count
  }

  var isEmpty: Bool { kinds.isEmpty }

  /// `passed over: 3 .txt files (such as cat/a.txt), 1 hidden file (.DS_Store)`.
  var text: String {
    "passed over: "
      + kinds.map { kind, count, example, hint in
        let name = count == 1 ? Self.one(kind) : kind
        return "\(count) \(name) (\(count == 1 ? "" : "such as ")\(example)\(hint.isEmpty ? "" : "; " + hint))"
      }.joined(separator: ", ")
  }

  /// A kind in the singular: its first noun without the s.
  private static func one(_ kind: String) -> String {
    var words = kind.split(separator: " ").map(String.init)
    if let noun = words.firstIndex(where: { ["files", "folders", "links"].contains($0) }) { words[noun].removeLast() }
    return words.joined(separator: " ")
  }
}
