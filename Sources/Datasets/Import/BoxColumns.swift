internal import Support

/// The columns of a CSV file of boxes.
struct BoxColumns {
  enum Column: String, CaseIterable {
    case image, label, x1, y1, x2, y2, x, y, width, height, difficult, crowd, ignored

    init?(header name: String) {
      switch name.lowercased() {
      case "image", "file", "filename", "file_name", "path", "image_path": self = .image
      case "label", "class", "name", "class_name", "category": self = .label
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
      default: return nil
      }
    }
  }

  private var places: [Column: Int] = [:]
  /// Whether boxes are x, y, width and height rather than two corners.
  let hasSizes: Bool
  /// The number of columns, where there is no header.
  let count: Int?
  /// What was taken for what.
  let remark: String

  /// Columns without a header.
  init(hasSizes: Bool, path: String) {
    self.hasSizes = hasSizes
    let order: [Column] = hasSizes ? [.image, .x, .y, .width, .height, .label] : [.image, .x1, .y1, .x2, .y2, .label]
    places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
    count = order.count
    remark =
      "\(path): there is no header; columns are \(order.map(\.rawValue).joined(separator: ", "))"
      + (hasSizes ? "" : ", the second corner being inclusive")
  }

  /// Columns by a header.
  /// - Throws: `FileError` for a column that is missing.
  init(header: [String], path: String) throws(FileError) {
    var ignored: [String] = []
    for (place, name) in header.enumerated() {
      if let column = Column(header: name), places[column] == nil {
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
    let needed: [Column] = [.image] + (hasSizes ? [.x, .y, .width, .height] : [.x1, .y1, .x2, .y2]) + [.label]
    if let missing = needed.first(where: { [places] in places[$0] == nil }) {
      throw FileError(
        what: "the header has no column for \(missing.rawValue): \(header.prefix(20).joined(separator: ", "))",
        path: path,
        expected: "image, x1, y1, x2, y2 (or x, y, width, height) and label",
        action: "name the columns so, or say --header no if there is no header")
    }
    count = nil
    remark =
      "\(path): the first line is a header; "
      + needed.map { [places] in "\($0.rawValue) is \(header[places[$0] ?? 0])" }.joined(separator: ", ")
      + (hasSizes ? "" : ", the second corner being inclusive")
      + Self.marks.compactMap { [places] column, mark in
        places[column].map { "; 1 in \(header[$0]) marks a box as \(mark)" }
      }.joined()
      + (ignored.isEmpty ? "" : "; ignored: \(ignored.joined(separator: ", "))")
  }

  /// The columns of 0 and 1 that mark boxes.
  static let marks: [(column: Column, mark: RegionMark)] = [
    (.difficult, .difficult), (.crowd, .crowd), (.ignored, .ignored),
  ]

  /// The position of a column; `nil` if the file has none.
  func place(of column: Column) -> Int? { places[column] }

  /// The four columns of a box.
  var box: [Column] { hasSizes ? [.x, .y, .width, .height] : [.x1, .y1, .x2, .y2] }
}
