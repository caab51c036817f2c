import Foundation
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
    var id: Int
    var fileName: String
    var width: Int?
    var height: Int?
  }
  private struct Annotation: Decodable {
    var id: Int?
    var imageId: Int
    var categoryId: Int
    var bbox: [Double]?
    var iscrowd: Int?
  }
  private struct Category: Decodable {
    var id: Int
    var name: String
  }

  /// The images in the file's order; classes in the order of their ids.
  ///
  /// A box `[x, y, width, height]` becomes x, y, x + width − 1, y + height − 1; sides are at least one pixel.
  /// - Throws: `FileError` for other JSON, ids that nothing has, boxes without an area.
  static func read(_ path: String, keepsCrowds: Bool) throws(FileError) -> Annotations {
    var result = Annotations(path: path)
    let contents = try decode(path, result)
    result.classNames = contents.categories.sorted { $0.id < $1.id }.map(\.name)
    let categories = Dictionary(contents.categories.map { ($0.id, $0.name) }) { first, _ in first }
    var places: [Int: Int] = [:]
    for picture in contents.images {
      guard places.updateValue(result.pictures.count, forKey: picture.id) == nil else {
        throw result.refusal("two images have the id \(picture.id)", expected: "one id per image")
      }
      var extent: Extent?
      if let width = picture.width, let height = picture.height { extent = Extent(height: height, width: width) }
      result.pictures.append(Annotations.Picture(file: picture.fileName, extent: extent))
    }
    for (index, annotation) in contents.annotations.enumerated() {
      if annotation.iscrowd ?? 0 != 0, !keepsCrowds {
        result.markedCount += 1
        continue
      }
      let name = annotation.id.map { "annotation \($0)" } ?? "annotations[\(index)]"
      guard let place = places[annotation.imageId] else {
        throw result.refusal("\(name) is of image \(annotation.imageId)", expected: "the id of one of its images")
      }
      guard let className = categories[annotation.categoryId] else {
        throw result.refusal(
          "\(name) is of an unknown category, \(annotation.categoryId)", expected: "the id of one of its categories")
      }
      guard let box = annotation.bbox, box.count == 4, box.allSatisfy(\.isFinite) else {
        throw result.refusal("\(name) has no box of four numbers", expected: "bbox: [x, y, width, height]")
      }
      guard box[2] > 0, box[3] > 0 else {
        throw result.refusal("\(name) has a box of zero area, \(box)", expected: "a width and a height above 0")
      }
      result.pictures[place].objects.append(
        Annotations.Object(
          className: className,
          box: Box(
            x1: Float(box[0]), y1: Float(box[1]), x2: Float(box[0] + max(box[2] - 1, 0)),
            y2: Float(box[1] + max(box[3] - 1, 0))),
          name: name))
    }
    return result
  }

  private static func decode(_ path: String, _ result: Annotations) throws(FileError) -> Contents {
    let data = Data(try FileBytes.read(path, limit: 1 << 30))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(Contents.self, from: data)
    } catch let error as DecodingError {
      throw result.refusal(
        "not a COCO file of boxes (\(error.reason))", expected: "JSON with images, annotations and categories",
        action: "check that it is the right file")
    } catch {
      throw result.refusal("it cannot be read (\(error))", expected: "JSON")
    }
  }
}

extension DecodingError {
  /// Where and why decoding failed, in a few words.
  fileprivate var reason: String {
    func place(_ path: [any CodingKey]) -> String {
      path.reduce(into: "") { text, key in
        text += key.intValue.map { "[\($0)]" } ?? (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    return switch self {
    case .keyNotFound(let key, let context): "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      "\(place(context.codingPath)) is not a \(type)"
    case .dataCorrupted(let context):
      context.codingPath.isEmpty ? "it is not JSON" : "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: "it cannot be decoded"
    }
  }
}
