internal import Support

/// The columns of a CSV file of boxes.
struct BoxColumns {
  enum Column: String, CaseIterable {
    case image, label, x1, y1, x2, y2, x, y, width, height, difficult, crowd, ignored, score

    init?(header name: String) {
      switch name.lowercased() {
      case "image", "file", "filename", "file_name", "path", "image_path", "image_name", "imagename", "imageid",
        "image_id":
        self = .image
      case "label", "class", "name", "class_name", "classname", "category", "label_name", "labelname": self = .label
      case "x1", "xmin", "x_min", "left": self = .x1
      case "y1", "ymin", "y_min", "top": self = .y1
      case "x2", "xmax", "x_max", "right": self = .x2
      case "y2", "ymax", "y_max", "bottom": self = .y2
      case "x": self = .x
      case "y": self = .y
      case "width", "w": self = .width
      case "height", "h": self = .height
      case "difficult": self = .difficult
      case "crowd", "iscrowd", "is_crowd": self = .crowd
      case "ignored", "ignore": self = .ignored
      case "score", "confidence", "objectness": self = .score
      default: return nil
      }
    }
  }

  /// What the boxes of a file are.
  enum Content {
    case objects, proposals

    /// Columns that are of no use.
    var unused: [Column] { self == .objects ? [.score] : [.label, .difficult, .crowd, .ignored] }
    /// The column behind the box of a file without a header.
    var last: Column { self == .objects ? .label : .score }
  }

  private var places: [Column: Int] = [:]
  /// Whether boxes are x, y, width and height rather than two corners.
  let hasSizes: Bool
  /// The number of columns, where there is no header.
  let count: Int?
  /// The names of the columns, where there is a header.
  let header: [String]?
  /// What was taken for what.
  let remark: String

  /// Columns without a header.
  init(hasSizes: Bool, path: String, of content: Content = .objects) {
    self.hasSizes = hasSizes
    let order: [Column] = [.image] + (hasSizes ? [.x, .y, .width, .height] : [.x1, .y1, .x2, .y2]) + [content.last]
    places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    (count, header) = (order.count, nil)
    remark =
      "\(path): there is no header; columns are \(order.map(\.rawValue).joined(separator: ", "))"
      + (hasSizes ? "" : ", the second corner being inclusive")
  }

  /// Columns by a header.
  /// - Throws: `FileError` for a column that is missing.
  init(header: [String], path: String, of content: Content = .objects) throws(FileError) {
    var ignored: [String] = []
    let names = Self.plain(header)
    if let refusal = Self.refusal(of: header, path: path) { throw refusal }
    for (place, name) in header.enumerated() {
      if let column = names[place].flatMap(Column.init(header:)), places[column] == nil,
        !content.unused.contains(column)
      {
        places[column] = place
      } else if !name.isEmpty {
        ignored.append(name)
      }
    }
    hasSizes = places[.x2] == nil && places[.y2] == nil && places[.width] != nil && places[.height] != nil
    if hasSizes {
      places[.x] = places[.x] ?? places[.x1]
      places[.y] = places[.y] ?? places[.y1]
    }
    let needed: [Column] =
      [.image] + (hasSizes ? [.x, .y, .width, .height] : [.x1, .y1, .x2, .y2]) + (content == .objects ? [.label] : [])
    if let missing = needed.first(where: { [places] in places[$0] == nil }) {
      throw FileError(
        what: "the header has no column for \(missing.rawValue): \(header.prefix(20).joined(separator: ", "))",
        path: path,
        expected: "image, x1, y1, x2, y2 (or x, y, width, height)" + (content == .objects ? " and label" : ""),
        action: "name the columns so, or say --header no if there is no header")
    }
    (count, self.header) = (nil, header)
    remark =
      "\(path): the first line is a header; "
      + needed.map { [places] in "\($0.rawValue) is \(header[places[$0] ?? 0])" }.joined(separator: ", ")
      + (hasSizes ? "" : ", the second corner being inclusive")
      + Self.marks.compactMap { [places] column, mark in
        places[column].map { "; 1 in \(header[$0]) marks a box as \(mark)" }
      }.joined()
      + (places[.score].map { "; score is \(header[$0])" } ?? "")
      + (ignored.isEmpty ? "" : "; ignored: \(ignored.joined(separator: ", "))")
  }

  /// The columns of 0 and 1 that mark boxes.
  static let marks: [(column: Column, mark: RegionMark)] = [
    (.difficult, .difficult), (.crowd, .crowd), (.ignored, .ignored),
  ]

  /// The names of a header as `Column` knows them: without the `bbox_` of a box's columns, beside which `width` is the
  /// image's; the corners of x0, y0, x1, y1 being the first and the second. `nil` where a name is of no column.
  private static func plain(_ header: [String]) -> [String?] {
    let names = header.map { $0.lowercased() }
    let isPrefixed = names.contains { $0.hasPrefix("bbox_") }
    let countsFromZero = !names.contains("x2") && ["x0", "y0", "x1", "y1"].allSatisfy(names.contains)
    let corners = ["x0": "x1", "y0": "y1", "x1": "x2", "y1": "y2"]
    return names.map { name in
      if name.hasPrefix("bbox_") { return String(name.dropFirst("bbox_".count)) }
      if isPrefixed, let column = Column(header: name), column != .image, column != .label { return nil }
      return countsFromZero ? corners[name] ?? name : name
    }
  }

  /// Why a header names what is not read as boxes: quadrilaterals, or splits; `nil` if it does not.
  private static func refusal(of header: [String], path: String) -> FileError? {
    let names = header.map { $0.lowercased() }
    if let corner = names.firstIndex(where: { ["x3", "y3", "x4", "y4", "x_3", "y_3", "x_4", "y_4"].contains($0) }) {
      return FileError(
        what: "a column \(header[corner]): boxes of four corners", path: path,
        expected: "upright boxes, by two corners or by x, y, width and height",
        action: "write the least and the greatest x and y of each as x1, y1, x2, y2")
    }
    if let split = names.firstIndex(where: { ["split", "set", "subset", "partition", "usage"].contains($0) }) {
      return FileError(
        what: "a column \(header[split]), which tells splits", path: path,
        expected: "annotations of one set, those of the test in a file of their own (--test-annotations)",
        action: "write a file for each split without the column, or rename the column to have it ignored")
    }
    return nil
  }

  /// Whether names are those of at least two columns.
  static func areNamed(in fields: [String]) -> Bool {
    Set(plain(fields).compactMap { $0.flatMap(Column.init(header:)) }).count > 1
  }

  /// The position of a column; `nil` if the file has none.
  func place(of column: Column) -> Int? { places[column] }

  /// The four columns of a box.
  var box: [Column] { hasSizes ? [.x, .y, .width, .height] : [.x1, .y1, .x2, .y2] }
}
