import Foundation
import Images
internal import Support
internal import Tensors

/// Images in a folder with labeled boxes from annotations; images without a box are left out.
struct AnnotatedImages: ImageSource {
  private let annotations: Annotations
  private let folder: String
  private let pictures: [Annotations.Picture]
  private let labels: [String: Int]
  /// What was left out, for the report.
  let remarks: [String]

  /// - Throws: `FileError` if an object is of another class, or an image is not in the folder.
  init(_ annotations: Annotations, folder: String, classNames: [String]) throws(FileError) {
    self.annotations = annotations
    self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    pictures = annotations.pictures.filter { !$0.objects.isEmpty }
    labels = Dictionary(classNames.enumerated().map { ($1, $0) }) { first, _ in first }
    for picture in pictures {
      for object in picture.objects where labels[object.className] == nil {
        throw annotations.refusal(
          "\(object.name) of \(picture.file) is of an unknown category, \(object.className)",
          expected: "one of \(classNames.prefix(20).joined(separator: ", "))", action: "correct it or name every class")
      }
    }
    guard !pictures.isEmpty else {
      throw annotations.refusal(
        "no boxes in it", expected: "at least one image with a box", action: "check the source")
    }
    try Self.requireFiles(of: annotations, in: self.folder)
    let empty = annotations.pictures.count - pictures.count
    remarks =
      (empty > 0 ? ["\(empty) images of \(annotations.path) have no box and are excluded"] : [])
      + (annotations.markedCount > 0
        ? ["\(annotations.markedCount) boxes of \(annotations.path) are marked crowd or difficult and are excluded"]
        : [])
  }

  private static func requireFiles(of annotations: Annotations, in folder: String) throws(FileError) {
    for picture in annotations.pictures
    where picture.file.isEmpty || picture.file.hasPrefix("/")
      || picture.file.split(separator: "/").contains("..") || picture.file.contains("\0")
    {
      throw annotations.refusal("an image called \"\(picture.file)\"", expected: "the name of a file in \(folder)")
    }
    let missing = annotations.pictures.map(\.file).filter { !FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
    guard missing.isEmpty else {
      let names = missing.prefix(3).joined(separator: ", ") + (missing.count > 3 ? ", …" : "")
      throw FileError(
        what: "\(missing.count) of \(annotations.pictures.count) images are missing (\(names))",
        path: annotations.path,
        expected: "all of them in \(folder)", action: "give the right folder or add them", kind: .missing)
    }
  }

  var count: Int { pictures.count }
  func name(at index: Int) -> String { "\(folder)/\(pictures[index].file)" }
  func fileName(at index: Int) -> String? { pictures[index].file }
  func label(at index: Int) -> Int { regions(at: index)[0].label }

  func regions(at index: Int) -> [LabeledRegion] {
    pictures[index].objects.map { LabeledRegion(label: labels[$0.className] ?? 0, box: $0.box) }
  }

  func image(at index: Int) throws(FileError) -> Image { try traits(at: index).0 }

  /// The image, which must have the extent that the annotations state, and have all its boxes in it.
  func traits(at index: Int) throws(FileError) -> (Image, [ImageTrait: String]) {
    let picture = pictures[index]
    let decoded = try DecodedImage(reading: name(at: index))
    let image = decoded.image
    if let extent = picture.extent, extent != image.extent {
      throw FileError(
        what: "it has \(image.width) x \(image.height) pixels (its orientation tag applied)", path: name(at: index),
        expected: "\(extent.width) x \(extent.height) as \(annotations.path) declares",
        action: "correct the annotations or replace the image")
    }
    for object in picture.objects {
      if let problem = object.box?.problem(height: image.height, width: image.width) {
        throw annotations.refusal("\(object.name) of \(picture.file) \(problem)", expected: "a box in its image")
      }
    }
    return (image, decoded.traits)
  }
}
