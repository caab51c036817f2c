import Images
internal import Support
internal import Tensors

/// A CSV file with one labeled box per line.
///
/// A header names the columns: image, label, and x1, y1, x2, y2 or x, y, width, height (other names are in `BoxColumns`);
/// others are ignored, but width and height beside corners are the image's, and quadrilaterals and splits are refused.
/// Without a header the columns are image, x1, y1, x2, y2, label. Corners count from 0 and are inclusive; four empty fields
/// mean the whole image.
enum BoxTable {
  /// The images in the order of their first lines; classes in the order of their names.
  /// - Throws: `FileError` that names the line of missing columns or of no number, or, unless such boxes are skipped, of a
  ///   box that ends before it begins.
  static func read(
    _ path: String, _ reading: BoxReading, in workplace: ImportWorkplace
  ) throws(FileError) -> Annotations {
    let source = try CSVSource(path, reading.csv, in: workplace)
    var rows = Rows(source: source, result: Annotations(path: path, reading: reading))
    try source.records(workplace) { record throws(FileError) in try rows.add(record) }
    try rows.spellings.requireOneKind(path: path)
    var result = rows.result
    result.remarks =
      source.remarks + (rows.columns.map { [$0.remark] } ?? []) + rows.spellings.remarks(path: path)
    if let found = LabelNumbers(rows.spellings.distinct), let remark = found.remark(path: path) {
      result.remarks.append(remark)
      result.renameClasses(found.names)
    }
    result.classNames = result.classNamesInUse
    return result
  }

  private struct Rows {
    let source: CSVSource
    var result: Annotations
    var columns: BoxColumns?
    var spellings = LabelSpellings()
    private var places: [String: Int] = [:]

    init(source: CSVSource, result: Annotations) { (self.source, self.result) = (source, result) }

    mutating func add(_ record: CSVRecord) throws(FileError) {
      let written = source.rawFields(of: record.bytes).map(CSVSource.text)
      let fields = written.map(CSVSource.trimmed)
      guard let columns else {
        if try isHeader(fields, record.line) {
          self.columns = try BoxColumns(header: fields, path: source.path)
        } else {
          self.columns = BoxColumns(hasSizes: result.reading.hasSizes, path: source.path)
          try add(record)
        }
        return
      }
      if let count = columns.count, fields.count != count, fields.count != count + 1 || fields.last != "" {
        throw source.refusal(
          record.line, "\(fields.count) columns", expected: "\(count) as there is no header: image, a box, label")
      }
      if let header = columns.header,
        let (what, expected) = CSVSource.mismatch(of: fields, with: header, isHeader: true)
      {
        throw source.refusal(record.line, what, expected: expected, action: "correct the line or the header")
      }
      func field(_ column: BoxColumns.Column) -> String {
        columns.place(of: column).flatMap { fields.indices.contains($0) ? fields[$0] : nil } ?? ""
      }
      let image = field(.image)
      let place = columns.place(of: .label).flatMap { written.indices.contains($0) ? $0 : nil }
      let label = place.map { LabelSpellings.trimmed(written[$0]) } ?? ""
      guard !image.isEmpty, !label.isEmpty else {
        throw source.refusal(record.line, "no image or no label", expected: "both")
      }
      if let place { _ = spellings.label(of: written[place]) }
      let box = try columns.geometry(columns.box.map(field), record.line, of: source)
      let picture = places[image] ?? result.pictures.count
      if picture == result.pictures.count {
        places[image] = picture
        result.pictures.append(Annotations.Picture(file: image, extent: columns.hasSizes ? nil : extent(field)))
      }
      var mark = RegionMark.object
      for (column, meaning) in BoxColumns.marks {
        switch field(column) {
        case "", "0": break
        case "1": mark = meaning
        case let other:
          throw source.refusal(record.line, "\(column.rawValue) is \(other)", expected: "0 or 1")
        }
      }
      if let problem = mark.problem, !result.reading.keepsMarked {
        try result.leaveOut("line \(record.line)", problem)
        return
      }
      try result.add(box, className: label, name: "line \(record.line)", mark: mark, to: picture)
    }

    /// The extent of the image, where columns beside the corners tell it.
    private func extent(_ field: (BoxColumns.Column) -> String) -> Extent? {
      guard let width = Int(field(.width)), let height = Int(field(.height)), width > 0, height > 0 else { return nil }
      return Extent(height: height, width: width)
    }

    /// Whether the first line is a header: without a number in it, and with the names of two columns.
    private func isHeader(_ fields: [String], _ line: Int) throws(FileError) -> Bool {
      if let hasHeader = result.reading.csv.hasHeader { return hasHeader }
      if fields.contains(where: { CSVSource.number($0) != nil }) { return false }
      if BoxColumns.areNamed(in: fields) { return true }
      guard fields.count >= 6, fields[1...4].allSatisfy(\.isEmpty) else {
        throw source.refusal(
          line, "neither a header nor a box: \(fields.prefix(8).joined(separator: ", "))",
          expected: "a header with image, x1, y1, x2, y2 and label, or numbers in four fields",
          action: "correct the line, or say with --header yes or no whether it is a header")
      }
      return false
    }
  }
}

extension BoxColumns {
  /// The box of a line's four fields; nil if all are empty.
  /// - Throws: `FileError` for fields that are no numbers.
  func geometry(_ texts: [String], _ line: Int, of source: CSVSource) throws(FileError) -> BoxGeometry? {
    if texts.allSatisfy(\.isEmpty) { return nil }
    let numbers = texts.compactMap { CSVSource.number($0) }.filter(\.isFinite)
    guard numbers.count == 4 else {
      throw source.refusal(line, "corners \(texts)", expected: "four numbers, or none")
    }
    return hasSizes
      ? BoxGeometry(
        x1: numbers[0], y1: numbers[1], x2: numbers[0] + numbers[2], y2: numbers[1] + numbers[3], corner: .exclusive)
      : BoxGeometry(x1: numbers[0], y1: numbers[1], x2: numbers[2], y2: numbers[3], corner: .inclusive(from: 0))
  }
}
