internal import Foundation
internal import Support

/// Lists of the images of each split, as Pascal VOC's `ImageSets/Main` has them: `train.txt`, `val.txt` and `test.txt`.
struct ImageSets {
  private static let files: [(name: String, split: Split)] = [
    ("train.txt", .train), ("val.txt", .validation), ("test.txt", .test),
  ]

  let path: String
  private var splits: [String: Split] = [:]

  /// Reads the lists of a folder; a line begins with an image's name without extension.
  /// - Throws: `FileError` for a folder without `train.txt`, and for an image that is listed twice.
  init(reading path: String) throws(FileError) {
    self.path = path
    guard FileSystem.isRegularFile("\(path)/train.txt") else {
      throw FileError(
        what: "no train.txt in it", path: path,
        expected: "train.txt, and val.txt and test.txt if there are such images",
        action: "give the folder of the lists, such as ImageSets/Main", kind: .missing)
    }
    for (file, split) in Self.files where FileSystem.exists("\(path)/\(file)") {
      for (index, line) in try TextFile.read("\(path)/\(file)").split(whereSeparator: \.isNewline).enumerated() {
        guard let name = line.split(whereSeparator: \.isWhitespace).first.map(String.init) else { continue }
        if let other = splits.updateValue(split, forKey: name) {
          throw FileError(
            what: "line \(index + 1): \(name) is listed already, in \(other.rawValue)", path: "\(path)/\(file)",
            expected: "each image once", action: "correct the lists")
        }
      }
    }
  }

  /// The annotations of each split that is listed; what is not in a list is left out and counted in the first one's remarks.
  /// - Throws: `FileError` where listed images have no annotation.
  func parts(
    of annotations: Annotations
  ) throws(FileError) -> (train: Annotations, validation: Annotations?, test: Annotations?) {
    var pictures: [Split: [Annotations.Picture]] = [:]
    var found: Set<String> = []
    for picture in annotations.pictures {
      let name = Self.stem(of: picture.file)
      guard let split = splits[name] else { continue }
      found.insert(name)
      pictures[split, default: []].append(picture)
    }
    let missing = splits.keys.filter { !found.contains($0) }.sorted()
    guard missing.isEmpty else {
      throw annotations.refusal(
        "\(missing.count) images that are listed in \(path) have no annotation (\(missing.prefix(3).joined(separator: ", ")))",
        expected: "an annotation for each", action: "correct the lists or add the annotations")
    }
    var first = annotations.part(pictures[.train] ?? [], isFirst: true)
    let others = annotations.pictures.count - found.count
    if others > 0 {
      first.remarks.append("\(others) images of \(annotations.path) are in no list of \(path) and are excluded")
    }
    func other(_ split: Split) -> Annotations? { pictures[split].map { annotations.part($0, isFirst: false) } }
    return (first, other(.validation), other(.test))
  }

  /// The last part of a path without its extension.
  static func stem(of file: String) -> String {
    let name = file.split(separator: "/").last ?? ""
    return String(name.lastIndex(of: ".").map { name[..<$0] } ?? name)
  }
}
