import Images
internal import Support
internal import Tensors

/// The object detection annotations of Microsoft COCO (cocodataset.org, "Data format"): one JSON file.
enum COCOFile {
  private struct Contents: Decodable {
    var images: [Picture]
    var annotations: [Annotation]
    var categories: [Category]
  }
  private struct Picture: Decodable {
    var id: COCOIdentifier
    var fileName: String
    var width: Int?
    var height: Int?
  }
  private struct Annotation: Decodable {
    var id: COCOIdentifier?
    var imageId: COCOIdentifier
    var categoryId: COCOIdentifier
    var bbox: [Double]?
    var iscrowd: Flag?
  }
  /// 0 or 1, or a truth value.
  private struct Flag: Decodable {
    let isSet: Bool

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Bool.self) {
        isSet = value
        return
      }
      let number = try container.decode(Int.self)
      guard (0...1).contains(number) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(number) is neither 0 nor 1")
      }
      isSet = number == 1
    }
  }
  private struct Category: Decodable {
    var id: COCOIdentifier
    var name: String
  }

  /// The images in the file's order; classes in the order of their ids.
  ///
  /// A box `[x, y, width, height]` becomes x, y, x + width − 1, y + height − 1; sides are at least one pixel. Boxes of zero
  /// area, which published files have, and of crowds, unless these are kept, are left out and counted.
  /// - Throws: `FileError` for other JSON and for ids that are there twice; for ids that nothing has and boxes that end before
  ///   they begin, unless such boxes are skipped.
  static func read(_ path: String, _ reading: BoxReading) throws(FileError) -> Annotations {
    var result = Annotations(path: path, reading: reading)
    let contents = try COCOText.decode(
      Contents.self, of: path, called: "a COCO file of boxes", expected: "images, annotations and categories")
    result.classNames = contents.categories.sorted { $0.id < $1.id }.map(\.name)
    var categories: [COCOIdentifier: String] = [:]
    for category in contents.categories {
      guard categories.updateValue(category.name, forKey: category.id) == nil else {
        throw result.refusal("two categories have the id \(category.id)", expected: "one id per category")
      }
    }
    var places: [COCOIdentifier: Int] = [:]
    for picture in contents.images {
      guard places.updateValue(result.pictures.count, forKey: picture.id) == nil else {
        throw result.refusal("two images have the id \(picture.id)", expected: "one id per image")
      }
      var extent: Extent?
      if let width = picture.width, let height = picture.height, width > 0, height > 0 {
        extent = Extent(height: height, width: width)
      }
      result.pictures.append(Annotations.Picture(file: picture.fileName, identifier: "\(picture.id)", extent: extent))
    }
    var ids: Set<COCOIdentifier> = []
    var repeated = 0
    for (index, annotation) in contents.annotations.enumerated() {
      if let id = annotation.id, !ids.insert(id).inserted { repeated += 1 }
      try add(annotation, index, places, categories, to: &result)
    }
    if repeated > 0 { result.remarks.append("\(repeated) annotations of \(path) have the id of another; all are read") }
    return result
  }

  private static func add(
    _ annotation: Annotation, _ index: Int, _ places: [COCOIdentifier: Int], _ categories: [COCOIdentifier: String],
    to result: inout Annotations
  ) throws(FileError) {
    let name = annotation.id.map { "annotation \($0)" } ?? "annotations[\(index)]"
    if annotation.iscrowd?.isSet == true, !result.reading.keepsMarked { return try result.leaveOut(name, .crowd) }
    guard let place = places[annotation.imageId] else {
      return try result.leaveOut(name, .noImage, detail: "\(annotation.imageId)")
    }
    guard let className = categories[annotation.categoryId] else {
      return try result.leaveOut(name, .noCategory, detail: "\(annotation.categoryId)")
    }
    guard let box = annotation.bbox, box.count == 4 else { return try result.leaveOut(name, .notFinite) }
    try result.add(
      BoxGeometry(x1: box[0], y1: box[1], x2: box[0] + box[2], y2: box[1] + box[3], corner: .exclusive),
      className: className, name: name, mark: annotation.iscrowd?.isSet == true ? .crowd : .object, to: place)
  }
}
