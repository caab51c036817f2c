import Images
internal import Support
internal import Tensors

/// Images and the labeled boxes in them, as a file or folder of annotations has them.
struct Annotations: Sendable {
  struct Picture: Sendable {
    /// The file's name in the folder of images.
    var file: String
    /// What proposals call it; its file's name if nil.
    var identifier: String?
    /// The extent that the annotations were made for, where they say it.
    var extent: Extent?
    /// The file that annotates it, where each image has one.
    var annotation: String?
    var objects: [Object] = []
  }

  struct Object: Sendable {
    var className: String
    /// The whole image if nil.
    var box: BoxGeometry?
    /// What to call it in errors, such as `annotation 17`.
    var name: String
    var mark = RegionMark.object
  }

  /// The file or folder that they were read from.
  let path: String
  let reading: BoxReading
  var pictures: [Picture] = []
  /// The classes in their order unless the user gives another.
  var classNames: [String] = []
  /// What was taken for what, one sentence each.
  var remarks: [String] = []
  /// The boxes that are left out, each by one reason.
  private(set) var leftOut: [BoxProblem: Int] = [:]

  init(path: String, reading: BoxReading) { (self.path, self.reading) = (path, reading) }

  func refusal(_ what: String, expected: String, action: String = "correct the annotations") -> FileError {
    FileError(what: what, path: path, expected: expected, action: action)
  }

  /// Leaves a box out and counts it.
  /// - Parameters:
  ///   - name: what to call it.
  ///   - detail: of the problem, such as the numbers.
  /// - Throws: `FileError` for a problem that the user did not ask to skip. Marked boxes and those of zero area, which
  ///   published files have, are always left out.
  mutating func leaveOut(
    _ name: String, _ problem: BoxProblem, detail: String = "", path place: String? = nil
  ) throws(FileError) {
    let isPlain = [.ignored, .crowd, .difficult, .truncated, .zeroArea].contains(problem)
    guard isPlain || reading.skipsInvalid else {
      throw FileError(
        what: "\(name) \(problem.ofOne)\(detail.isEmpty ? "" : ", \(detail)")", path: place ?? path,
        expected: "boxes in images and of classes that are known",
        action: "correct the annotations, or leave such boxes out with --skip-invalid")
    }
    leftOut[problem, default: 0] += 1
  }

  /// Adds an object to a picture unless its box cannot be used.
  /// - Throws: `FileError` for a box that cannot be used and that the user did not ask to skip.
  mutating func add(
    _ box: BoxGeometry?, className: String, name: String, mark: RegionMark = .object, to place: Int,
    of file: String? = nil
  ) throws(FileError) {
    if let box, let problem = box.problem(reading.unit ?? .pixels) {
      return try leaveOut(
        name, problem, detail: "[\(box.x1.plain), \(box.y1.plain), \(box.x2.plain), \(box.y2.plain)]", path: file)
    }
    pictures[place].objects.append(Object(className: className, box: box, name: name, mark: mark))
  }

  /// The annotations of some of the pictures.
  /// - Parameter isFirst: whether they tell what was left out of all.
  func part(_ pictures: [Picture], isFirst: Bool) -> Annotations {
    var part = self
    part.pictures = pictures
    if !isFirst { (part.remarks, part.leftOut) = ([], [:]) }
    return part
  }

  /// Gives classes other names.
  mutating func renameClasses(_ names: [String: String]) {
    for picture in pictures.indices {
      for object in pictures[picture].objects.indices {
        let name = pictures[picture].objects[object].className
        pictures[picture].objects[object].className = names[name] ?? name
      }
    }
  }

  /// The unit of all boxes.
  /// - Throws: `FileError` if they look like fractions and the user did not say what they are.
  func unit() throws(FileError) -> BoxUnit {
    if let unit = reading.unit { return unit }
    let boxes = pictures.lazy.flatMap(\.objects).compactMap(\.box?.reach)
    var (greatest, isWhole, count) = (-Double.infinity, true, 0)
    for reach in boxes {
      greatest = max(greatest, reach.greatest)
      isWhole = isWhole && reach.isWhole
      count += 1
    }
    guard count == 0 || greatest > 1 && (isWhole || greatest >= 2) else {
      throw refusal(
        "the corners of all \(count) boxes lie between 0 and \(greatest.plain)", expected: "boxes in pixels",
        action: "if they are parts of the image's width and height, say --boxes fractions, otherwise --boxes pixels")
    }
    return .pixels
  }

  /// The distinct classes of all objects in order of their names, numbers by their size.
  var classNamesInUse: [String] { Array(Set(pictures.flatMap { $0.objects.map(\.className) })).inOrderOfClasses }

  /// The boxes that are left out, for the report.
  static func remarks(on leftOut: [BoxProblem: Int], of path: String) -> [String] {
    BoxProblem.allCases.compactMap { problem in
      leftOut[problem].map { "\($0) boxes of \(path) \(problem.rawValue) and are left out" }
    }
  }
}

/// The file formats of box annotations.
package enum AnnotationFormat: String, Sendable, CaseIterable {
  /// A JSON file of Microsoft COCO's object detection.
  case coco
  /// A folder of Pascal VOC's XML files.
  case voc
  /// A CSV file with one box per line.
  case csv

  /// Reads annotations.
  /// - Throws: `FileError` that names the first thing that is wrong.
  func read(_ path: String, _ reading: BoxReading, in workplace: ImportWorkplace) throws(FileError) -> Annotations {
    switch self {
    case .coco: try COCOFile.read(path, reading)
    case .voc: try VOCFolder.read(path, reading)
    case .csv: try BoxTable.read(path, reading, in: workplace)
    }
  }
}
