import Images
internal import Support
internal import Tensors

/// A CSV file with one labeled box per line.
///
/// The first line may name the columns: image (or file, filename, file_name, path), x1, y1, x2, y2 (or xmin, ymin, xmax,
/// ymax) and label (or class, name); others are ignored. Without such a line the columns are image, x1, y1, x2, y2,
/// label. Corners count from 0 and are inclusive; four empty ones mean the whole image.
enum BoxTable {
  private enum Column: Int, CaseIterable {
    case image, x1, y1, x2, y2, label

    init?(_ name: String) {
      switch name.lowercased() {
      case "image", "file", "filename", "file_name", "path": self = .image
      case "x1", "xmin": self = .x1
      case "y1", "ymin": self = .y1
      case "x2", "xmax": self = .x2
      case "y2", "ymax": self = .y2
      case "label", "class", "name": self = .label
      default: return nil
      }
    }
  }

  /// The images in the order of their first lines; classes in the order of their names.
  /// - Throws: `FileError` that names the line of missing columns, of no number, or of a box of zero area.
  static func read(_ path: String) throws(FileError) -> Annotations {
    var result = Annotations(path: path)
    let text = String(decoding: try FileBytes.readInflated(path, limit: 256 << 20), as: UTF8.self)
    var columns = Dictionary(uniqueKeysWithValues: Column.allCases.map { ($0, $0.rawValue) })
    var places: [String: Int] = [:]
    var isFirst = true
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
    where !line.allSatisfy(\.isWhitespace) {
      guard let fields = fields(line) else { throw refusal(path, index, "a quote that is not closed", "closed quotes") }
      if isFirst {
        isFirst = false
        let named = fields.enumerated().compactMap { position, name in Column(name).map { ($0, position) } }
        if Set(named.map(\.0)).count == Column.allCases.count {
          columns = Dictionary(named) { first, _ in first }
          continue
        }
      }
      func field(_ column: Column) -> String {
        fields.indices.contains(columns[column]!) ? fields[columns[column]!] : ""
      }
      let corners = [Column.x1, .y1, .x2, .y2].map(field)
      guard !field(.image).isEmpty, !field(.label).isEmpty else {
        throw refusal(path, index, "no image or no label", "image, x1, y1, x2, y2, label")
      }
      var box: Box?
      if !corners.allSatisfy(\.isEmpty) {
        let numbers = corners.compactMap { Float($0) }.filter(\.isFinite)
        guard numbers.count == 4 else { throw refusal(path, index, "corners \(corners)", "four numbers, or none") }
        guard numbers[2] >= numbers[0], numbers[3] >= numbers[1] else {
          throw refusal(path, index, "a box of zero area, \(numbers)", "x2 and y2 no less than x1 and y1")
        }
        box = Box(x1: numbers[0], y1: numbers[1], x2: numbers[2], y2: numbers[3])
      }
      let place = places[field(.image)] ?? result.pictures.count
      if place == result.pictures.count {
        places[field(.image)] = place
        result.pictures.append(Annotations.Picture(file: field(.image)))
      }
      result.pictures[place].objects.append(
        Annotations.Object(className: field(.label), box: box, name: "line \(index + 1)"))
    }
    result.classNames = result.classNamesInUse
    return result
  }

  /// The fields of a line, trimmed, quotes taken away (two within quotes are one); `nil` if a quote stays open.
  private static func fields(_ line: Substring) -> [String]? {
    var fields = [""]
    var isQuoted = false
    var position = line.startIndex
    while position < line.endIndex {
      let character = line[position]
      position = line.index(after: position)
      if character == "\"" {
        if isQuoted, position < line.endIndex, line[position] == "\"" {
          fields[fields.count - 1].append("\"")
          position = line.index(after: position)
        } else {
          isQuoted.toggle()
        }
      } else if character == ",", !isQuoted {
        fields.append("")
      } else {
        fields[fields.count - 1].append(character)
      }
    }
    return isQuoted ? nil : fields.map { String($0.trimmingPrefix(while: \.isWhitespace)).withoutTrailingSpace }
  }

  private static func refusal(_ path: String, _ index: Int, _ what: String, _ expected: String) -> FileError {
    FileError(what: "line \(index + 1): \(what)", path: path, expected: expected, action: "correct the line")
  }
}

extension String {
  fileprivate var withoutTrailingSpace: String {
    String(self[..<(lastIndex { !$0.isWhitespace }.map(index(after:)) ?? startIndex)])
  }
}
