import Foundation
import Images
internal import Support
internal import Tensors

/// A folder of Pascal VOC's annotations (Everingham et al., development kit of VOC2012): one XML file per image.
enum VOCFolder {
  /// The images in the order of the XML files' names; classes in the order of their names.
  ///
  /// Corners count from 1 in these files and from 0 in the result; both are inclusive.
  /// - Throws: `FileError` for XML that cannot be read, missing elements and boxes that end before they begin.
  static func read(_ path: String, keepsDifficult: Bool) throws(FileError) -> Annotations {
    var result = Annotations(path: path)
    let files = try FolderImages.entries(of: path).filter { $0.lowercased().hasSuffix(".xml") }
    guard !files.isEmpty else {
      throw result.refusal("no XML files in it", expected: "one file per image", action: "check the path")
    }
    for file in files {
      var marked = 0
      result.pictures.append(try picture("\(path)/\(file)", keepsDifficult: keepsDifficult, markedCount: &marked))
      result.markedCount += marked
    }
    result.classNames = result.classNamesInUse
    return result
  }

  private static func picture(
    _ path: String, keepsDifficult: Bool, markedCount: inout Int
  ) throws(FileError) -> Annotations.Picture {
    let root = try XMLElement(reading: path)
    func refusal(_ what: String, expected: String) -> FileError {
      FileError(what: what, path: path, expected: expected, action: "correct the annotation")
    }
    guard root.name == "annotation", let file = root.first("filename")?.text, !file.isEmpty else {
      throw refusal("no annotation of an image", expected: "annotation with filename and objects")
    }
    var picture = Annotations.Picture(file: file)
    if let size = root.first("size"), let width = size.number("width"), let height = size.number("height"),
      width > 0, height > 0, width < 1e6, height < 1e6
    {
      picture.extent = Extent(height: Int(height), width: Int(width))
    }
    for (index, object) in root.children.filter({ $0.name == "object" }).enumerated() {
      if object.number("difficult") ?? 0 != 0, !keepsDifficult {
        markedCount += 1
        continue
      }
      let name = "object \(index + 1)"
      guard let className = object.first("name")?.text, !className.isEmpty, let bounds = object.first("bndbox"),
        let x1 = bounds.number("xmin"), let y1 = bounds.number("ymin"), let x2 = bounds.number("xmax"),
        let y2 = bounds.number("ymax")
      else { throw refusal("\(name) has no name or box", expected: "name, bndbox with xmin, ymin, xmax and ymax") }
      guard x2 >= x1, y2 >= y1 else {
        throw refusal(
          "\(name) has a box of zero area, \([x1, y1, x2, y2])", expected: "ends no earlier than beginnings")
      }
      picture.objects.append(
        Annotations.Object(
          className: className, box: Box(x1: Float(x1 - 1), y1: Float(y1 - 1), x2: Float(x2 - 1), y2: Float(y2 - 1)),
          name: name))
    }
    return picture
  }
}

extension XMLElement {
  /// The number that the first child of a name holds.
  fileprivate func number(_ name: String) -> Double? {
    first(name).flatMap { Double($0.text) }.flatMap { $0.isFinite ? $0 : nil }
  }
}
