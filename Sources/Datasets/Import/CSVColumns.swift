internal import Support

/// The column of the label in a CSV file.
package enum LabelColumn: Sendable, Equatable {
  /// The first or the last column.
  case first, last
  /// The column of a name in the header.
  case named(String)
}

/// Which columns of a CSV file hold the label, the split and the samples of an image.
struct CSVColumns: Sendable, Equatable {
  let count: Int
  let label: Int
  /// The column that tells the split of an image, by its name in the header.
  let split: Int?
  /// The columns of samples; of one alone each field may hold all samples of an image, parted by spaces.
  let samples: [Int]
  /// Whether every line ends with a separator.
  let endsWithSeparator: Bool

  private static let splitNames: Set = ["usage", "split", "set", "subset", "partition"]
  private static let listNames: Set = ["pixels", "pixel", "image"]

  /// The columns of a file by its header, if it has one, and its first row.
  /// - Throws: `FileError` for a label that is nowhere, or for columns that are neither label nor samples.
  init(
    header: [String]?, row: [ArraySlice<UInt8>], line: Int, label: LabelColumn, of source: CSVSource
  ) throws(FileError) {
    let hasEmptyEnd = row.count > 2 && row.last?.isEmpty == true
    endsWithSeparator = hasEmptyEnd && (header == nil || header?.last == "" || header?.count == row.count - 1)
    count = row.count - (endsWithSeparator ? 1 : 0)
    var header = header
    if endsWithSeparator, header?.count == row.count { header?.removeLast() }
    guard count >= 2 else {
      throw source.refusal(line, "one column", expected: "a label and at least one value")
    }
    if let header { try Self.check(header, count, line, source) }
    let names = header?.map { $0.lowercased() }
    func isSplit(_ column: Int) -> Bool { names.map { Self.splitNames.contains($0[column]) } ?? false }
    switch label {
    case .first: self.label = 0
    // A split behind the label is no label.
    case .last: self.label = count > 2 && isSplit(count - 1) ? count - 2 : count - 1
    case .named(let name):
      guard let found = header?.firstIndex(of: name) ?? names?.firstIndex(of: name.lowercased()) else {
        throw FileError(
          what: "there is no column \(name)", path: source.path,
          expected: header.map { "one of " + $0.prefix(20).joined(separator: ", ") } ?? "a header",
          action: "correct --label")
      }
      self.label = found
    }
    let place = self.label
    let split = (0..<count).first { $0 != place && isSplit($0) }
    self.split = split
    samples = (0..<count).filter { $0 != place && $0 != split }
    guard let names, samples.count > 1, let list = samples.first(where: { Self.listNames.contains(names[$0]) }) else {
      return
    }
    let others = samples.filter { $0 != list }.map { names[$0] }.prefix(10).joined(separator: ", ")
    throw FileError(
      what: "columns beside the samples in \(names[list]): \(others)", path: source.path,
      expected: "a label, samples and, if any, a split", action: "remove them from the file")
  }

  private static func check(
    _ header: [String], _ count: Int, _ line: Int, _ source: CSVSource
  ) throws(FileError) {
    guard header.count == count else {
      throw source.refusal(
        line, "\(count) columns", expected: "\(header.count) as in the header", action: "correct the line or the header"
      )
    }
    if let unnamed = header.firstIndex(of: "") {
      throw FileError(
        what: "column \(unnamed + 1) has no name in the header", path: source.path,
        expected: "a label and samples in all columns",
        action: "remove the column: it looks like the index of a table (pandas writes none with index=False)")
    }
  }
}
