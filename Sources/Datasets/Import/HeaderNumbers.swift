/// Numbers in a first line that may be the names of columns.
enum HeaderNumbers {
  /// What the numbers are, in words, if they may be names; `nil` if they are values.
  ///
  /// They may be names if they count up by one from 0 or 1, or if no two are the same and repeated ones have got a number, as
  /// pandas names columns: 5, 0, 0.1, 0.2.
  static func kind(of fields: [String]) -> String? {
    guard fields.count > 2 else { return nil }
    for first in 0...1 where fields.enumerated().allSatisfy({ $1 == String($0 + first) }) {
      return "the numbers \(first), \(first + 1), \(first + 2) …"
    }
    guard let example = renamed(fields) else { return nil }
    return "numbers of which no two are the same, with \(example) as pandas names a repeated one"
  }

  /// A name as pandas gives it to a column that repeats another's; `nil` where there is none, or a field that is no such
  /// name and no whole number.
  private static func renamed(_ fields: [String]) -> String? {
    var counts: [String: Int] = [:]
    var example: String?
    for field in fields {
      let parts = field.split(separator: ".", omittingEmptySubsequences: false)
      let base = String(parts[0])
      guard (1...2).contains(parts.count), Int(base).map(String.init) == base else { return nil }
      let before = counts[base, default: 0]
      guard parts.count == 1 ? before == 0 : before > 0 && parts[1] == String(before) else { return nil }
      counts[base] = before + 1
      if parts.count == 2, example == nil { example = field }
    }
    return example
  }
}
