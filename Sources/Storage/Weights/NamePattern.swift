/// A name in which `*` stands for any run of characters, such as `fc*` or `head.*.bias`.
struct NamePattern {
  private let pieces: [Substring]

  init(_ pattern: String) { pieces = pattern.split(separator: "*", omittingEmptySubsequences: false) }

  /// Whether the whole name fits.
  func matches(_ name: String) -> Bool {
    guard let first = pieces.first, let last = pieces.last else { return name.isEmpty }
    if pieces.count == 1 { return name == first }
    guard name.count >= first.count + last.count, name.hasPrefix(first), name.hasSuffix(last) else { return false }
    var rest = name.dropFirst(first.count).dropLast(last.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }
}
