/// A name pattern: `*` matches any number of characters, `?` exactly one; every other character matches itself.
package struct NamePattern: Sendable, Equatable {
  /// The pattern, such as `features.*`.
  package let text: String

  /// A pattern; every text is valid.
  package init(_ text: String) { self.text = text }

  /// Whether the pattern matches all of `name`.
  package func matches(_ name: String) -> Bool {
    let pattern = Array(text)
    let name = Array(name)
    var (p, n) = (0, 0)
    var star: (pattern: Int, name: Int)?
    while n < name.count {
      if p < pattern.count, pattern[p] == "*" {
        star = (p, n)
        p += 1
      } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
        p += 1
        n += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        p = last.pattern + 1
        n = last.name + 1
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
