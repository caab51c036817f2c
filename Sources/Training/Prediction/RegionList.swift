package import Datasets
internal import Foundation
package import Support
package import Tensors

/// Regions of image files to predict, read from a CSV file: `image,x1,y1,x2,y2`, in pixels that count from 0, the second
/// corner inclusive, or in parts of the image's width and height.
package struct RegionList: Sendable, Equatable {
  /// A box and the line that it comes from.
  package struct Entry: Sendable, Equatable {
    /// The box, as the file has it.
    package var box: Box
    /// The unit of its numbers.
    package var unit = BoxUnit.pixels
    /// The record, counted from 1.
    package var record: Int

    /// The box in pixels of an image.
    package func box(height: Int, width: Int) -> Box {
      guard unit == .fractions else { return box }
      let (width, height) = (Float(width), Float(height))
      return Box(
        x1: box.x1 * width, y1: box.y1 * height, x2: max(box.x2 * width - 1, box.x1 * width),
        y2: max(box.y2 * height - 1, box.y1 * height))
    }
  }

  /// The file, for messages.
  package let path: String
  /// By the images' names in the file, in the order of the records.
  package let entries: [String: [Entry]]

  private static let names: [String: Int] = [
    "image": 0, "file": 0, "filename": 0, "file_name": 0, "path": 0, "x1": 1, "xmin": 1, "y1": 2, "ymin": 2,
    "x2": 3, "xmax": 3, "y2": 4, "ymax": 4,
  ]

  /// Reads a file; a first record that names the columns gives their order, and other columns are not used.
  ///
  /// Fields are parted by commas, semicolons, tabs or spaces, as the first two lines tell.
  /// - Parameter unit: of the numbers; pixels if `nil`, unless they look like fractions, which is an error.
  /// - Throws: `FileError` that names the record of a missing column, of no number, or of corners in a wrong order.
  package init(reading path: String, unit: BoxUnit? = nil) throws(FileError) {
    let text = String(try TextFile.read(path).trimmingPrefix("\u{FEFF}"))
    guard let separator = CSVReader.separator(of: Array(text.utf8)[...]) else {
      throw FileError(
        what: "several separators are possible", path: path, expected: "one of comma, semicolon and tab in each line",
        action: "write commas between fields and points in numbers")
    }
    var rows = try CSVText.rows(of: text, separator: separator, path: path).map { row in
      row.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let header = (rows.first ?? []).map { $0.lowercased() }
    if let corner = header.first(where: { ["x3", "y3", "x4", "y4"].contains($0) }) {
      throw FileError(
        what: "a column \(corner): boxes of four corners", path: path, expected: "upright boxes, image,x1,y1,x2,y2",
        action: "write the least and the greatest x and y of each")
    }
    var columns = Array(0..<5)
    var first = 1
    let named = (rows.first ?? []).map { Self.names[$0.lowercased()] }
    if Set(named.compactMap(\.self)).count == 5 {
      columns = (0..<5).map { column in named.firstIndex(of: column) ?? column }
      rows.removeFirst()
      first = 2
    }
    var entries: [String: [Entry]] = [:]
    for (index, row) in rows.enumerated() where row != [""] {
      func refusal(_ what: String, _ expected: String) -> FileError {
        FileError(what: "record \(first + index): \(what)", path: path, expected: expected, action: "correct it")
      }
      guard columns.allSatisfy(row.indices.contains), !row[columns[0]].isEmpty else {
        throw refusal("\(row.count) fields", "image,x1,y1,x2,y2")
      }
      let corners = columns.dropFirst().map { row[$0] }
      let numbers = corners.compactMap { Float($0) }.filter(\.isFinite)
      guard numbers.count == 4 else { throw refusal("corners \(corners.joined(separator: ","))", "four numbers") }
      guard numbers[2] >= numbers[0], numbers[3] >= numbers[1] else {
        throw refusal("a box that ends before it begins, \(corners.joined(separator: ","))", "x1 to x2 and y1 to y2")
      }
      entries[row[columns[0]], default: []].append(
        Entry(
          box: Box(x1: numbers[0], y1: numbers[1], x2: numbers[2], y2: numbers[3]), unit: unit ?? .pixels,
          record: first + index))
    }
    guard !entries.isEmpty else { throw FileError(what: "no boxes in it", path: path, expected: "image,x1,y1,x2,y2") }
    try Self.requireUnit(unit, entries.values.flatMap { $0.map(\.box) }, path)
    (self.path, self.entries) = (path, entries)
  }

  /// Throws where numbers look like fractions and nobody said so, or are none as was said.
  private static func requireUnit(_ unit: BoxUnit?, _ boxes: [Box], _ path: String) throws(FileError) {
    let numbers = boxes.flatMap { [$0.x1, $0.y1, $0.x2, $0.y2] }
    let greatest = numbers.max() ?? 0
    switch unit {
    case .pixels: break
    case .fractions:
      guard greatest > 1 + 1e-6 || numbers.contains(where: { $0 < 0 }) else { return }
      throw FileError(
        what: "corners up to \(greatest)", path: path, expected: "fractions of 0 to 1, as was said",
        action: "correct them, or say --box-unit pixels")
    case nil:
      let isWhole = numbers.allSatisfy { $0 == $0.rounded() }
      guard greatest <= 1 || !isWhole && greatest < 2 else { return }
      throw FileError(
        what: "the corners of all \(boxes.count) boxes lie between 0 and \(greatest)", path: path,
        expected: "boxes in pixels",
        action:
          "if they are parts of the image's width and height, say --box-unit fractions, otherwise --box-unit pixels")
    }
  }

  /// The boxes of each file, found by its path, or by its end that no other file has.
  ///
  /// - Throws: `FileError` for an image that is not among the files, or is several of them.
  package func boxes(of files: [String]) throws(FileError) -> [String: [Entry]] {
    var boxes: [String: [Entry]] = [:]
    let ends = Dictionary(grouping: files) { $0.split(separator: "/").last ?? "" }
    for (name, entries) in entries.sorted(by: { $0.value[0].record < $1.value[0].record }) {
      let parts = name.split(separator: "/")
      let found = (ends[parts.last ?? ""] ?? []).filter { file in
        file == name || file.split(separator: "/").suffix(parts.count).elementsEqual(parts)
      }
      guard found.count == 1 || found.contains(name) else {
        throw FileError(
          what:
            "record \(entries[0].record): \(name) is \(found.isEmpty ? "not among the images" : "\(found.count) of the images")",
          path: path, expected: "the path of one of them, or an end of it that no other has")
      }
      let file = found.contains(name) ? name : found[0]
      guard boxes[file] == nil else {
        throw FileError(
          what: "record \(entries[0].record): \(file) has other boxes under another name", path: path,
          expected: "one name for an image")
      }
      boxes[file] = entries
    }
    return boxes
  }
}
