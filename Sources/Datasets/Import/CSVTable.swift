internal import Serialization
internal import Support
internal import Tensors

/// An image's label and samples in each row of a CSV file.
///
/// All rows are scanned once; then each is read from its offset, so that memory grows by one label and one offset per
/// row only.
struct CSVTable: NumberArray {
  let shape: [Int]
  let labels: LabelValues
  /// The split of each row, where a column tells it.
  let splits: [Split]?
  /// The range of all samples.
  let survey: ValueSurvey
  /// What was taken for what, one sentence each.
  let remarks: [String]
  private let source: CSVSource
  let columns: CSVColumns
  /// Where the rows lie, in bytes.
  private let rows: [Range<Int>]

  var path: String { source.path }
  var element: NumberType? { nil }
  var isColumnMajor: Bool { false }
  var isOfMATLAB: Bool { false }

  /// The rows of a file.
  ///
  /// The first line is a header if no field of it is a number, or as the user says.
  /// - Parameters:
  ///   - axes: the order of the samples of an image, where the user says it.
  ///   - training: the training file, if this is a test file: its columns are matched by name.
  /// - Throws: `FileError` that names the line for anything but numbers, uneven rows and labels or splits that are none.
  init(
    _ source: CSVSource, label: LabelColumn, hasHeader: Bool?, axes: ArrayAxes? = nil, training: CSVTable? = nil,
    _ workplace: ImportWorkplace
  ) throws(FileError) {
    var scan = Scan(source: source, label: label, hasHeader: hasHeader, axes: axes, training: training)
    try source.records(workplace) { record throws(FileError) in try scan.add(record) }
    guard let columns = scan.columns else {
      throw FileError(
        what: "no rows in it", path: source.path, expected: "a label and samples in each line",
        action: "check that it is the right file")
    }
    (self.source, self.columns, rows, survey) = (source, columns, scan.rows, scan.survey)
    shape = [scan.rows.count, scan.sampleCount]
    labels = LabelValues(scan.labels, scan.spellings, path: source.path)
    splits = columns.split == nil ? nil : scan.splits
    var remarks = source.remarks
    if let header = scan.header {
      let names = header.prefix(4).joined(separator: ", ") + (header.count > 4 ? ", …" : "")
      remarks.append("\(source.path): the first line is a header (\(names)); the label is in \(header[columns.label])")
    }
    if let training, columns.samples.count > 1, (training.columns.names == nil) != (columns.names == nil) {
      let place = columns.names == nil ? source.path : training.path
      remarks.append("\(place) has no header: training and test columns are matched by their order")
    }
    remarks += columns.remarks
    if let split = columns.split, let header = scan.header {
      remarks.append("\(source.path): the column \(header[split]) tells the splits")
    }
    if columns.samples.count == 1, scan.sampleCount > 1 {
      remarks.append("\(source.path): \(scan.sampleCount) samples in one field, parted by spaces")
    }
    if columns.endsWithSeparator {
      remarks.append("\(source.path): every line ends with a separator, and no field is taken to follow it")
    }
    self.remarks = remarks
  }

  func block(at offset: [Int], of count: [Int]) throws(FileError) -> NumberBlock {
    var numbers: [Double] = []
    numbers.reserveCapacity(count[0] * shape[1])
    for row in offset[0]..<offset[0] + count[0] {
      let line = try source.file.bytes(rows[row].count, at: rows[row].lowerBound)
      let before = numbers.count
      try source.samples(of: source.fields(of: line[...]), columns, line: row + 1) { numbers.append($0) }
      guard numbers.count == before + shape[1] else {
        throw FileError(
          what: "row \(row + 1) has changed", path: path, expected: "\(shape[1]) values",
          action: "leave the file alone while it is read")
      }
    }
    return .numbers(numbers)
  }
}

/// What a scan of all rows has found so far.
private struct Scan {
  let source: CSVSource
  let label: LabelColumn
  let hasHeader: Bool?
  let axes: ArrayAxes?
  let training: CSVTable?
  var columns: CSVColumns?
  var header: [String]?
  var sampleCount = 0
  var rows: [Range<Int>] = []
  /// The label of each row as a position in the distinct ones.
  var labels: [Int] = []
  var spellings = LabelSpellings()
  var splits: [Split] = []
  var survey = ValueSurvey()
  private var isFirst = true

  init(source: CSVSource, label: LabelColumn, hasHeader: Bool?, axes: ArrayAxes?, training: CSVTable?) {
    (self.source, self.label, self.hasHeader, self.axes) = (source, label, hasHeader, axes)
    self.training = training
  }

  mutating func add(_ record: CSVRecord) throws(FileError) {
    let raw = source.rawFields(of: record.bytes)
    var fields = raw.map(CSVSource.trimmed)
    if isFirst {
      isFirst = false
      if try isHeader(fields, line: record.line) {
        var names = fields.map(CSVSource.text)
        // As numpy.savetxt writes a header.
        if names[0].hasPrefix("#") { names[0] = CSVSource.trimmed(String(names[0].dropFirst())) }
        header = names
        return
      }
    }
    let columns: CSVColumns
    if let known = self.columns {
      columns = known
    } else {
      columns = try CSVColumns(
        header: header, row: fields, line: record.line, label: label, of: source, axes: axes,
        training: training.map { ($0.columns, $0.path) })
    }
    if columns.endsWithSeparator {
      guard fields.last?.isEmpty == true else {
        throw source.refusal(record.line, "no separator at its end", expected: "one as in the rows before")
      }
      fields.removeLast()
    }
    guard fields.count == columns.count else {
      throw source.refusal(
        record.line, "\(fields.count) columns", expected: "\(columns.count) as in the rows before")
    }
    guard !fields[columns.label].isEmpty else {
      throw source.refusal(record.line, "no label", expected: "a label in each line")
    }
    if let split = columns.split { splits.append(try self.split(CSVSource.text(fields[split]), record.line)) }
    var count = 0
    try source.samples(of: fields, columns, line: record.line) { number in
      survey.add(number, image: rows.count)
      count += 1
    }
    if self.columns == nil { (self.columns, sampleCount) = (columns, count) }
    guard count == sampleCount else {
      throw source.refusal(record.line, "\(count) samples", expected: "\(sampleCount) as in the rows before")
    }
    labels.append(spellings.label(of: raw[columns.label]).label)
    rows.append(record.offset..<record.offset + record.bytes.count)
  }

  /// Whether the first line is a header.
  private func isHeader(_ fields: [ArraySlice<UInt8>], line: Int) throws(FileError) -> Bool {
    if let hasHeader { return hasHeader }
    func isNumber(_ field: ArraySlice<UInt8>) -> Bool {
      let parts = field.split(separator: UInt8(ascii: " "))
      return !parts.isEmpty && parts.allSatisfy { CSVSource.number($0) != nil }
    }
    let filled = fields.indices.filter { !fields[$0].isEmpty }
    let texts = filled.filter { !isNumber(fields[$0]) }
    if texts.count == filled.count { return true }
    let labelPlace = label == .first ? 0 : fields.last?.isEmpty == true ? fields.count - 2 : fields.count - 1
    func refusal(_ what: String, _ field: ArraySlice<UInt8>) -> FileError {
      let say = "correct the line, or say with --header yes or no whether it is one"
      return source.refusal(
        line, what, expected: "a header without numbers, or a label and numbers",
        action: CSVSource.hasDecimalComma(field) ? CSVSource.decimalAction : say)
    }
    if let text = texts.first(where: { $0 != labelPlace }) {
      let shown = CSVSource.text(fields[text].prefix(40))
      throw refusal("field \(text + 1), \"\(shown)\", is not a number, others are", fields[text])
    }
    // The names of pandas and R for columns that have none, or a first row that pandas took for names.
    let place = texts.isEmpty ? nil : labelPlace
    if let kind = HeaderNumbers.kind(of: filled.filter { $0 != place }.map { CSVSource.text(fields[$0]) }) {
      throw refusal(kind + (place.map { " and the text \"\(CSVSource.text(fields[$0]))\"" } ?? ""), fields[labelPlace])
    }
    return false
  }

  private func split(_ text: String, _ line: Int) throws(FileError) -> Split {
    switch text.lowercased() {
    case "train", "training": .train
    // FER2013 calls its validation and test images the public and the private test.
    case "validation", "valid", "val", "dev", "publictest": .validation
    case "test", "testing", "privatetest": .test
    default:
      throw source.refusal(
        line, "a split called \"\(text)\"", expected: "train, validation, test, or names like them")
    }
  }
}

extension CSVSource {
  fileprivate static let decimalAction = "write decimal points in place of commas"

  /// Whether a field is a number but for a comma in place of its point.
  fileprivate static func hasDecimalComma(_ field: ArraySlice<UInt8>) -> Bool {
    let comma = UInt8(ascii: ",")
    return field.count { $0 == comma } == 1 && number(field.filter { $0 != comma }[...]) != nil
  }

  /// Hands on the samples of a row.
  /// - Throws: `FileError` that names the line and the field that is not a number.
  fileprivate func samples(
    of fields: [ArraySlice<UInt8>], _ columns: CSVColumns, line: Int, _ body: (Double) -> Void
  ) throws(FileError) {
    for column in columns.samples where column < fields.count {
      let field = fields[column]
      if let number = Self.number(field) {
        body(number)
        continue
      }
      let parts = columns.samples.count == 1 ? field.split(separator: UInt8(ascii: " ")) : []
      let numbers = parts.compactMap(Self.number)
      guard !parts.isEmpty, numbers.count == parts.count else {
        throw refusal(
          line, "field \(column + 1) is not a number", expected: "numbers",
          action: Self.hasDecimalComma(field) ? Self.decimalAction : "correct the line")
      }
      for number in numbers { body(number) }
    }
  }
}
