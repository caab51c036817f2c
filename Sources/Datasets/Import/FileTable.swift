import Foundation
import Images
internal import Support

/// A CSV file that lists image files with their labels, and their splits if it has a column for them.
///
/// Without a header line the columns are file, label and split.
package struct FileTable: Sendable, Equatable {
  /// The path of the CSV file, gzip or plain.
  package var path: String
  /// The folder that the files' paths start from; the CSV file's own if nil.
  package var images: String?
  /// The name of the column of files; found by its usual names if nil.
  package var fileColumn: String?
  /// The name of the column of labels; found by its usual names if nil.
  package var labelColumn: String?
  /// The name of the column of splits; found by its usual names if nil.
  package var splitColumn: String?
  /// How the text is read; its header is found by the names in it.
  package var text = CSVReading()
  /// Whether files that are missing are left out and counted; otherwise they are an error.
  package var skipsMissing = false

  /// The table at a path.
  package init(path: String, images: String? = nil) { (self.path, self.images) = (path, images) }

  /// The folder that the files' paths start from.
  var folder: String {
    guard images == nil else { return images ?? "" }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Reads the table and looks for its files.
  /// - Throws: `FileError` for columns that are not found or not clear, rows without a file or label, splits of unknown
  ///   names, files listed twice with different labels or splits, and files that are missing or outside the folder.
  func contents(classNames: [String]?, in workplace: ImportWorkplace) throws(FileError) -> SourceImages {
    let source = try CSVSource(path, text, in: workplace)
    var rows = try rows(source, workplace)
    let columns = try FileTableColumns(self, first: rows.first?.fields ?? [])
    let first = rows.first?.fields ?? []
    if columns.isHeader { rows.removeFirst() }
    var (entries, remarks, skipped): ([FileTableEntry], [String], [String]) = (
      [], source.remarks + [columns.remark], []
    )
    var (places, duplicates): ([String: Int], [String]) = ([:], [])
    var spellings = LabelSpellings()
    var (finder, completed) = (StemFinder(folder: folder), 0)
    for row in rows {
      try workplace.check()
      if let (what, expected) = CSVSource.mismatch(of: row.fields, with: first, isHeader: columns.isHeader) {
        throw refusal("row \(row.number): \(what)", expected: expected, action: "correct the line or the header")
      }
      var entry = try columns.entry(row, in: self)
      if !FileSystem.exists(folder + "/" + entry.file) {
        let candidates = finder.files(named: entry.file)
        guard candidates.count <= 1 else {
          throw refusal(
            "row \(row.number): \(entry.file), which several files are: \(Self.examples(candidates))",
            expected: "one file in \(folder)", action: "move the others away or write the name with its extension")
        }
        if let file = candidates.first {
          entry.file = file
          completed += 1
        }
      }
      if let place = places[entry.file] {
        guard entries[place].label == entry.label, entries[place].split == entry.split else {
          throw refusal(
            "row \(row.number): \(entry.file) is \(entry.description) and, in row \(entries[place].row), "
              + entries[place].description, expected: "one label and split for each file")
        }
        duplicates.append(entry.file)
        continue
      }
      guard FileManager.default.fileExists(atPath: folder + "/" + entry.file) else {
        skipped.append(entry.file)
        continue
      }
      _ = spellings.label(of: entry.writtenLabel)
      places[entry.file] = entries.count
      entries.append(entry)
    }
    if !skipped.isEmpty {
      let text =
        "\(skipped.count) of \(rows.count) files \(skipped.count == 1 ? "is" : "are") missing (\(Self.examples(skipped)))"
      guard skipsMissing, !entries.isEmpty else { throw missing(text, skipped[0] == firstFile(rows, columns)) }
      remarks.append(text + " and left out")
    }
    if completed > 0 {
      remarks.append("\(completed) files of \(path) are named without extension and were found in \(folder)")
    }
    if !duplicates.isEmpty {
      remarks.append("rows that repeat another are left out: \(duplicates.count) (\(Self.examples(duplicates)))")
    }
    guard !entries.isEmpty else {
      throw refusal("no files in it", expected: "a row with a file and a label for each image")
    }
    try spellings.requireOneKind(path: path)
    remarks += spellings.remarks(path: path)
    if let found = LabelNumbers(spellings.distinct), let remark = found.remark(path: path) {
      remarks.append(remark)
      let names = found.names
      for place in entries.indices { entries[place].label = names[entries[place].label] ?? entries[place].label }
    }
    return try sources(entries, classNames: classNames, remarks: remarks)
  }

  /// The images by split, and the classes.
  private func sources(
    _ entries: [FileTableEntry], classNames: [String]?, remarks: [String]
  ) throws(FileError) -> SourceImages {
    var remarks = remarks
    let labels = Set(entries.map(\.label))
    let areNumbers = labels.allSatisfy { Int($0) != nil }
    let found = Array(labels).inOrderOfClasses
    var names = classNames ?? found
    if let classNames, areNumbers, !labels.isSubset(of: classNames) {
      remarks.append("labels are numbers: --classes names them from 0 on")
      names = classNames.indices.map(String.init)
    }
    remarks += SimilarNames.remarks(found, what: "labels")
    let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    var parts: [Split: FileImages] = [:]
    for entry in entries {
      guard let label = places[entry.label] else {
        throw refusal(
          "row \(entry.row): label \(entry.label)",
          expected: "one of \(names.prefix(20).joined(separator: ", "))", action: "correct it or name every class")
      }
      parts[entry.split ?? .train, default: FileImages(root: folder)].append(entry.file, label: label)
    }
    guard let train = parts[.train] else {
      throw refusal("no row of the training split", expected: "at least one")
    }
    let images = SourceImages(
      train: train, validation: parts[.validation], test: parts[.test], classNames: classNames ?? found,
      remarks: remarks)
    return try images.withKnownClasses(names: classNames ?? found, areGiven: classNames != nil, path: path)
  }

  /// The rows with their numbers, blank ones left out.
  private func rows(_ source: CSVSource, _ workplace: ImportWorkplace) throws(FileError) -> [FileTableRow] {
    guard source.file.size <= 256 << 20 else {
      throw refusal("\(source.file.size) bytes", expected: "at most \(256 << 20)", action: "split it")
    }
    var rows: [FileTableRow] = []
    try source.records(workplace) { record throws(FileError) in
      let row = FileTableRow(number: record.line, raw: source.rawFields(of: record.bytes).map(CSVSource.text))
      if !row.fields.allSatisfy(\.isEmpty) { rows.append(row) }
    }
    return rows
  }

  private func firstFile(_ rows: [FileTableRow], _ columns: FileTableColumns) -> String? {
    columns.isHeader
      ? nil : (try? rows.first.map { row throws(FileError) in try columns.entry(row, in: self).file }) ?? nil
  }

  private func missing(_ text: String, _ isFirst: Bool) -> FileError {
    FileError(
      what: text, path: path, expected: "all of them in \(folder)",
      action: (isFirst ? "if its first line names the columns, give --file-column and --label-column; otherwise " : "")
        + "give the right folder with --images, add them, or leave them out with --skip-missing", kind: .missing)
  }

  func refusal(_ what: String, expected: String, action: String = "correct the table") -> FileError {
    FileError(what: what, path: path, expected: expected, action: action)
  }

  private static func examples(_ files: [String]) -> String {
    files.prefix(3).joined(separator: ", ") + (files.count > 3 ? ", …" : "")
  }
}
