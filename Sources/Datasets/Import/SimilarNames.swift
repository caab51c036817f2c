/// Names of classes that differ so little that they may be meant for one.
enum SimilarNames {
  /// A sentence for each group of names that differ in case alone, or are one whole number.
  /// - Parameter what: what they are, such as `labels`.
  static func remarks(_ names: [String], what: String) -> [String] {
    func groups(_ key: (String) -> String?) -> [[String]] {
      Dictionary(grouping: names.filter { key($0) != nil }) { key($0) ?? "" }.values
        .filter { $0.count > 1 }.map { $0.sorted() }.sorted { $0[0] < $1[0] }
    }
    return groups { $0.lowercased() }.map {
      "the \(what) \($0.joined(separator: " and ")) differ in case alone and are classes of their own"
    }
      + groups { CSVSource.number($0).flatMap { Int(exactly: $0) }.map(String.init) }.map {
        "the \(what) \($0.joined(separator: " and ")) are the same number and classes of their own"
      }
  }
}
