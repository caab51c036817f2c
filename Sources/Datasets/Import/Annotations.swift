import Images
internal import Support
internal import Tensors

/// Images and the labeled boxes in them, as a file or folder of annotations has them.
struct Annotations: Sendable {
  struct Picture: Sendable {
    /// The file's name in the folder of images.
    var file: String
    /// The extent that the annotations were made for, where they say it.
    var extent: Extent?
    var objects: [Object] = []
  }

  struct Object: Sendable {
    var className: String
    /// The whole image if nil.
    var box: Box?
    /// What to call it in errors, such as `annotation 17`.
    var name: String
  }

  /// The file or folder that they were read from.
  let path: String
  var pictures: [Picture] = []
  /// The classes in their order unless the user gives another.
  var classNames: [String] = []
  /// Boxes left out as they are marked crowd or difficult.
  var markedCount = 0

  init(path: String) { self.path = path }

  func refusal(_ what: String, expected: String, action: String = "correct the annotations") -> FileError {
    FileError(what: what, path: path, expected: expected, action: action)
  }

  /// The distinct classes of all objects in order of their names.
  var classNamesInUse: [String] { Set(pictures.flatMap { $0.objects.map(\.className) }).sorted() }
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
  /// - Parameter keepsMarked: whether boxes marked crowd (COCO) or difficult (VOC) count.
  /// - Throws: `FileError` that names the first thing that is wrong.
  func read(_ path: String, keepsMarked: Bool) throws(FileError) -> Annotations {
    switch self {
    case .coco: try COCOFile.read(path, keepsCrowds: keepsMarked)
    case .voc: try VOCFolder.read(path, keepsDifficult: keepsMarked)
    case .csv: try BoxTable.read(path)
    }
  }
}
