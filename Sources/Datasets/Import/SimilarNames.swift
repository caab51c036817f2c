internal import Foundation

/// Names of classes that differ so little that they may be meant for one.
enum SimilarNames {
  /// A sentence for each group of names that differ in case, in spaces around them or in the form of their letters alone, or
  /// are one whole number.
  /// - Parameter what: what they are, such as `labels`.
  static func remarks(_ names: [String], what: String) -> [String] {
    func groups(_ key: (String) -> String?) -> [[String]] {
      Dictionary(grouping: names.filter { key($0) != nil }) { key($0) ?? "" }.values
        .filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
    }
    func own(_ names: [String]) -> String { "the \(what) \(names.joined(separator: " and "))" }
    let cases = groups { $0.lowercased() }.map { own($0) + " differ in case alone and are classes of their own" }
    let forms = groups { plain($0).lowercased() }.filter { Set($0.map { $0.lowercased() }).count > 1 }.map { group in
      own(group.map { "\"\($0)\"" })
        + " differ only in spaces around them or in the form of their letters and are classes of their own"
    }
    let numbers = groups { CSVSource.number($0).flatMap { Int(exactly: $0) }.map(String.init) }.map {
      own($0) + " are the same number and classes of their own"
    }
    return cases + forms + numbers
  }

  /// A name in Unicode's form of compatibility, without spaces around it.
  private static func plain(_ name: String) -> String {
    LabelSpellings.trimmed(name.precomposedStringWithCompatibilityMapping)
  }
}
