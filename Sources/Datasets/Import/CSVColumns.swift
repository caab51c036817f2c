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
  /// The columns of samples in the order of samples; of one alone each field may hold all samples of an image, parted by
  /// spaces.
  let samples: [Int]
  /// The names of the columns of samples, where there is a header.
  let names: [String]?
  /// How columns were put in order, and which are left out; empty if all are taken as they stand in the file.
  private(set) var remarks: [String] = []
  /// Whether every line ends with a separator.
  let endsWithSeparator: Bool

  private static let splitNames: Set = ["usage", "split", "set", "subset", "partition"]
  private static let listNames: Set = ["pixels", "pixel", "image"]
  /// Names of columns that number the rows.
  private static let indexNames: Set = [
    "id", "index", "idx", "row", "row_id", "rowid", "image_id", "imageid", "unnamed: 0", "unnamed: 0.1",
  ]

  /// The columns of a file by its header, if it has one, and its first row.
  ///
  /// Columns of samples stand in the order of the training file's, matched by name, else in that of the numbers in their
  /// names, such as `pixel0`, `pixel1`, …, else as they are.
  /// Columns that number the rows by their names are left out.
  /// - Parameters:
  ///   - axes: the order of the samples of an image, where the user says it.
  ///   - training: the columns of the training file, if this is a test file, and what to call it.
  /// - Throws: `FileError` for a label that is nowhere, for columns that are neither label nor samples, for names that the
  ///   training file does not have, or numbered ones whose order is not clear.
  init(
    header: [String]?, row: [ArraySlice<UInt8>], line: Int, label: LabelColumn, of source: CSVSource,
    axes: ArrayAxes? = nil, training: (columns: CSVColumns, path: String)? = nil
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
    // A split before or behind the label is no label.
    case .first: self.label = count > 2 && isSplit(0) ? 1 : 0
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
    if let header, let names, Self.indexNames.contains(names[place]), label == .first || label == .last {
      throw FileError(
        what:
          "the \(label == .first ? "first" : "last") column is called \(header[place]), as one that numbers the rows",
        path: source.path, expected: "the label there",
        action: "name the column of the label with --label, or say --label \(header[place]) if it is that one")
    }
    let split = (0..<count).first { $0 != place && isSplit($0) }
    self.split = split
    let others = (0..<count).filter { $0 != place && $0 != split }
    let indices = others.filter { column in names.map { Self.indexNames.contains($0[column]) } ?? false }
    let samples = indices.count < others.count ? others.filter { !indices.contains($0) } : others
    if let header, samples.count < others.count {
      let list = indices.map { header[$0] }.joined(separator: ", ")
      remarks.append("\(source.path): left out by its name, as it numbers the rows: \(list)")
    }
    guard let names, samples.count > 1, let list = samples.first(where: { Self.listNames.contains(names[$0]) }) else {
      let named = header.map { header in samples.map { header[$0] } }
      let order = try Self.order(of: named, axes, training, in: source)
      self.samples = order.map { $0.places.map { samples[$0] } } ?? samples
      self.names = order.map { $0.places.compactMap { named?[$0] } } ?? named
      if let order { remarks.append(order.remark) }
      return
    }
    let rest = samples.filter { $0 != list }.map { names[$0] }.prefix(10).joined(separator: ", ")
    throw FileError(
      what: "columns beside the samples in \(names[list]): \(rest)", path: source.path,
      expected: "a label, samples and, if any, a split", action: "remove them from the file")
  }

  /// The order to read columns of such names in; `nil` for as they stand.
  private static func order(
    of names: [String]?, _ axes: ArrayAxes?, _ training: (columns: CSVColumns, path: String)?, in source: CSVSource
  ) throws(FileError) -> (places: [Int], remark: String)? {
    guard let names, names.count > 1 else { return nil }
    guard let wanted = training?.columns.names, let trainingPath = training?.path else {
      switch NumberedColumns(names, axes) {
      case .asTheyStand: return nil
      case .ordered(let order):
        let first = names.indices.first { order[$0] != $0 } ?? 0
        return (
          order,
          "\(source.path): columns of samples are not in the order of the numbers in their names (\(names[first]) stands "
            + "where \(names[order[first]]) is expected); they are read in that order"
        )
      case .planes(let first, let second):
        throw FileError(
          what: "columns \(names[first]) …, then \(names[second]) …", path: source.path,
          expected: "the samples of an image pixel by pixel",
          action:
            "if these are its channels one after another, say --axes CHW; otherwise --axes HWC or HW reads the columns "
            + "as they stand")
      case .misplaced(let place):
        throw FileError(
          what: "column \(names[place]) stands behind \(names[0...place - 1].suffix(3).joined(separator: ", "))",
          path: source.path, expected: "numbered columns in the order of their numbers",
          action: "put the columns in the order of the samples, or remove the numbers from their names")
      }
    }
    if names == wanted { return nil }
    let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    if let missing = wanted.first(where: { places[$0] == nil }) ?? names.first(where: { !wanted.contains($0) }) {
      let isMissing = places[missing] == nil
      throw FileError(
        what: "\(isMissing ? "no column" : "a column") \(missing)", path: source.path,
        expected: "the columns of \(trainingPath), \(isMissing ? "which has it" : "which has none of that name")",
        action: "name the columns of both files alike, or read both with --header no once their headers are removed")
    }
    guard names.count == wanted.count, places.count == names.count else {
      throw FileError(
        what: "several columns of one name, in another order than in \(trainingPath)", path: source.path,
        expected: "the columns of both files in one order, or a name for each", action: "correct the header")
    }
    return (
      wanted.compactMap { places[$0] },
      "\(source.path): its columns stand in another order than those of \(trainingPath); they are matched by name"
    )
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
