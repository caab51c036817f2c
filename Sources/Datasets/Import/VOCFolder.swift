import Foundation
import Images
internal import Support
internal import Tensors

/// A folder of Pascal VOC's annotations (Everingham et al., development kit of VOC2012): one XML file per image.
enum VOCFolder {
  /// The images in the order of the XML files' names; classes in the order of their names.
  ///
  /// Corners count from 1 in these files and from 0 in the result; both are inclusive. A file without `filename` is of the
  /// image of its own name.
  /// - Throws: `FileError` for XML that cannot be read, for missing elements, and, unless they are skipped, for boxes that
  ///   end before they begin.
  static func read(_ path: String, _ reading: BoxReading) throws(FileError) -> Annotations {
    var result = Annotations(path: path, reading: reading)
    let files = try FileSystem.entries(of: path).filter { !$0.hasPrefix(".") && $0.lowercased().hasSuffix(".xml") }
    guard !files.isEmpty else {
      throw result.refusal("no XML files in it", expected: "one file per image", action: "check the path")
    }
    var counts = Counts()
    for file in files { try add("\(path)/\(file)", named: file, to: &result, &counts) }
    if counts.unnamed > 0 {
      result.remarks.append("\(counts.unnamed) files of \(path) name no image; the image has the file's own name")
    }
    if counts.beforeOne > 0 {
      result.remarks.append(
        "\(counts.beforeOne) of \(counts.boxes) boxes of \(path) begin before 1 (\(counts.example)), the first pixel in VOC's "
          + "files: they begin outside of their image; if these files count from 0, all boxes are a pixel too far to the "
          + "upper left: add 1 to their corners")
    }
    result.classNames = result.classNamesInUse
    return result
  }

  private struct Counts {
    /// Files that name no image.
    var unnamed = 0
    var boxes = 0
    /// Boxes with a corner before the first pixel, and one of them.
    var (beforeOne, example) = (0, "")
  }

  private static func add(
    _ path: String, named name: String, to result: inout Annotations, _ counts: inout Counts
  ) throws(FileError) {
    let root = try XMLElement(reading: path)
    func refusal(_ what: String, expected: String) -> FileError {
      FileError(what: what, path: path, expected: expected, action: "correct the annotation")
    }
    guard root.name == "annotation" else {
      throw refusal("no annotation of an image but <\(root.name)>", expected: "annotation with filename and objects")
    }
    var file = root.first("filename")?.text ?? ""
    if file.isEmpty {
      file = String(name.dropLast(".xml".count))
      counts.unnamed += 1
    }
    var picture = Annotations.Picture(file: file, annotation: path)
    if let size = root.first("size"), let width = size.number("width"), let height = size.number("height"),
      width > 0, height > 0, width < 1e6, height < 1e6
    {
      picture.extent = Extent(height: Int(height), width: Int(width))
    }
    let place = result.pictures.count
    result.pictures.append(picture)
    for (index, object) in root.children.filter({ $0.name == "object" }).enumerated() {
      let name = "object \(index + 1)"
      // Both are looked at whether they matter or not.
      let (isDifficult, isTruncated) = (
        try object.flag("difficult", name, path), try object.flag("truncated", name, path)
      )
      if isDifficult, !result.reading.keepsMarked {
        try result.leaveOut(name, .difficult)
        continue
      }
      if isTruncated, !result.reading.keepsTruncated {
        try result.leaveOut(name, .truncated)
        continue
      }
      for part in ["name", "bndbox"] where object.children.count(where: { $0.name == part }) > 1 {
        throw refusal("\(name) has several <\(part)>", expected: "one in each object")
      }
      guard let className = object.first("name")?.text, !className.isEmpty, let bounds = object.first("bndbox") else {
        throw refusal("\(name) has no name or box", expected: "name, bndbox with xmin, ymin, xmax and ymax")
      }
      guard let x1 = bounds.number("xmin"), let y1 = bounds.number("ymin"), let x2 = bounds.number("xmax"),
        let y2 = bounds.number("ymax")
      else {
        try result.leaveOut(name, .notFinite, path: path)
        continue
      }
      counts.boxes += 1
      if min(x1, y1) < 1 {
        if counts.beforeOne == 0 { counts.example = "\(path), \(name)" }
        counts.beforeOne += 1
      }
      try result.add(
        BoxGeometry(x1: x1, y1: y1, x2: x2, y2: y2, corner: .inclusive(from: 1)), className: className, name: name,
        mark: isDifficult ? .difficult : .object, to: place, of: path)
    }
  }
}

extension XMLElement {
  /// The number that the first child of a name holds.
  fileprivate func number(_ name: String) -> Double? {
    first(name).flatMap { CSVSource.number($0.text) }.flatMap { $0.isFinite ? $0 : nil }
  }

  /// Whether the first child of a name says yes; one that is missing or empty does not.
  /// - Throws: `FileError` for anything but yes and no.
  fileprivate func flag(_ name: String, _ object: String, _ path: String) throws(FileError) -> Bool {
    switch first(name)?.text.lowercased() {
    case nil, "", "0", "false", "no": return false
    case "1", "true", "yes": return true
    case let text?:
      throw FileError(
        what: "\(object) has <\(name)> \(text)", path: path, expected: "0, 1, true, false, yes or no",
        action: "correct the annotation")
    }
  }
}
