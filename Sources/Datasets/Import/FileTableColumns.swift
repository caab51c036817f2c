import Foundation
internal import Support

/// A row of a table of files.
struct FileTableRow {
  let number: Int
  /// The fields as they are, with spaces around them.
  let raw: [String]

  /// The fields without spaces around them.
  var fields: [String] { raw.map(CSVSource.trimmed) }
}

/// A file of a table, with what the table says of it.
struct FileTableEntry {
  /// The path in the table's folder.
  var file: String
  var label: String
  /// The label with the spaces around it that the table has.
  let writtenLabel: String
  let split: Split?
  let row: Int

  /// `cat in the test split`.
  var description: String { label + (split.map { " in the \($0.rawValue) split" } ?? "") }
}

/// Which columns of a table hold the files, the labels and the splits.
struct FileTableColumns {
  private enum Kind: String, CaseIterable {
    case file, label, split

    /// The usual names of the column.
    var names: Set<String> {
      switch self {
      case .file:
        [
          "file", "files", "filename", "file_name", "file_path", "filepath", "image", "image_name", "image_path",
          "image_file", "img", "img_path", "path",
        ]
      case .label: ["label", "labels", "class", "class_name", "classname", "category", "target"]
      case .split: ["split", "set", "subset", "partition"]
      }
    }
  }

  /// Whether the first row names the columns.
  let isHeader: Bool
  /// What was taken for what.
  let remark: String
  private let places: [Kind: Int]

  init(_ table: FileTable, first: [String]) throws(FileError) {
    let given: [Kind: String] = [.file: table.fileColumn, .label: table.labelColumn, .split: table.splitColumn]
      .compactMapValues(\.self)
    let lowered = first.map { $0.lowercased() }
    let known = Kind.allCases.filter { kind in lowered.contains { kind.names.contains($0) } }
    guard !given.isEmpty || known.contains(.file) || known.contains(.label) else {
      guard (2...3).contains(first.count) else {
        throw table.refusal(
          "\(first.count) columns and no header line that names them (\(first.prefix(4).joined(separator: ", ")))",
          expected: "file, label and, if it likes, split",
          action: "name the columns with --file-column and --label-column")
      }
      places = Dictionary(uniqueKeysWithValues: zip(Kind.allCases, 0..<first.count))
      isHeader = false
      remark = "no header line: the columns are file, label" + (first.count == 3 ? " and split" : "")
      return
    }
    var places: [Kind: Int] = [:]
    for kind in Kind.allCases {
      let option = "--\(kind.rawValue)-column"
      let list = first.joined(separator: ", ")
      let candidates = first.indices.filter { place in
        given[kind].map { lowered[place] == $0.lowercased() } ?? kind.names.contains(lowered[place])
      }
      guard candidates.count <= 1 else {
        throw table.refusal(
          "\(candidates.map { first[$0] }.joined(separator: " and ")) could be the column of the \(kind.rawValue)",
          expected: "one", action: "say which with \(option)")
      }
      places[kind] = candidates.first
      if candidates.isEmpty, kind != .split || given[kind] != nil {
        throw table.refusal(
          "no column \(given[kind] ?? "of the \(kind.rawValue)") in its first line", expected: "one of \(list)",
          action: "say which with \(option)")
      }
    }
    self.places = places
    isHeader = true
    let taken = Kind.allCases.compactMap { kind in places[kind].map { "\(first[$0]) (\(kind.rawValue))" } }
    let others = first.indices.filter { !places.values.contains($0) }
      .map { first[$0].isEmpty ? "column \($0 + 1), which has no name" : first[$0] }
    remark =
      "columns read: " + taken.joined(separator: ", ")
      + (others.isEmpty ? "" : "; not read: \(others.joined(separator: ", "))")
  }

  /// What a row says of a file.
  /// - Throws: `FileError` that names the row.
  func entry(_ row: FileTableRow, in table: FileTable) throws(FileError) -> FileTableEntry {
    func written(_ kind: Kind) -> String? {
      places[kind].flatMap { row.raw.indices.contains($0) ? row.raw[$0] : nil }
    }
    func field(_ kind: Kind) -> String? { written(kind).map(CSVSource.trimmed) }
    guard let file = field(.file), !file.isEmpty, let label = written(.label).map(LabelSpellings.trimmed),
      !label.isEmpty
    else {
      throw table.refusal("row \(row.number): no file or no label", expected: "both")
    }
    var split: Split?
    if places[.split] != nil {
      split = field(.split).flatMap(SplitName.split(named:))
      guard split != nil else {
        throw table.refusal(
          "row \(row.number): split \"\(field(.split) ?? "")\"", expected: "train, validation (val) or test")
      }
    }
    return FileTableEntry(
      file: try path(file, row, table), label: label, writtenLabel: written(.label) ?? label, split: split,
      row: row.number)
  }

  /// The path of a file in the table's folder.
  private func path(_ written: String, _ row: FileTableRow, _ table: FileTable) throws(FileError) -> String {
    let folder = URL(fileURLWithPath: table.folder).standardizedFileURL.path
    var path = written
    // As Windows writes it; a name with a backslash in it comes first.
    if path.contains("\\"), !FileManager.default.fileExists(atPath: table.folder + "/" + path) {
      path = path.replacing("\\", with: "/")
    }
    if path.hasPrefix(folder + "/") { path = String(path.dropFirst(folder.count + 1)) }
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard !path.hasPrefix("/"), !parts.isEmpty, !parts.contains(".."), !path.contains("\0") else {
      throw table.refusal(
        "row \(row.number): \(written) is outside \(table.folder)", expected: "a file in that folder",
        action: "give the folder that holds them all with --images")
    }
    return parts.joined(separator: "/")
  }
}
