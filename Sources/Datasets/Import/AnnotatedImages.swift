import Foundation
import Images
internal import Support
internal import Tensors

/// Images in a folder with labeled boxes from annotations; images without a box are left out, or kept as background.
struct AnnotatedImages: ImageSource {
  private let path: String
  private let folder: String
  private let pictures: [Annotations.Picture]
  private let boxes: [[LabeledRegion]]
  /// What was left out, for the report.
  let remarks: [String]

  /// - Throws: `FileError` if an object is of another class, an image is not in the folder, boxes seem to be fractions, or,
  ///   unless such boxes are skipped, one lies outside of its image.
  init(_ annotations: Annotations, folder: String, classNames: [String]) throws(FileError) {
    var annotations = annotations
    path = annotations.path
    self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let all = annotations.pictures
    let keepsEmpty = annotations.reading.keepsEmpty
    var pictures = all.filter { keepsEmpty || !$0.objects.isEmpty }
    let labels = Dictionary(classNames.enumerated().map { ($1, $0) }) { first, _ in first }
    for picture in pictures {
      for object in picture.objects where labels[object.className] == nil {
        throw annotations.refusal(
          "\(object.name) of \(picture.file) is of an unknown category, \(object.className)",
          expected: "one of \(classNames.prefix(20).joined(separator: ", "))", action: "correct it or name every class")
      }
    }
    let found = try ImageFiles(pictures.map(\.file), in: self.folder, annotations: annotations)
    var places: [String: Int] = [:]
    for place in pictures.indices {
      pictures[place].file = found.files[place]
      guard let other = places.updateValue(place, forKey: found.files[place]) else { continue }
      let (first, second) = (pictures[other].annotation, pictures[place].annotation)
      throw FileError(
        what: "\(found.files[place]) is annotated twice" + (first.map { ", in \($0) too" } ?? ""),
        path: second ?? path, expected: "each image once", action: "correct the name of one, or join the two")
    }
    let unit = try annotations.unit()
    var boxes: [[LabeledRegion]] = []
    for place in pictures.indices {
      var picture = pictures[place]
      if picture.extent == nil, unit == .fractions || annotations.reading.skipsInvalid {
        // The extent alone is needed.
        picture.extent = try DecodedImage(reading: "\(self.folder)/\(picture.file)") { _ in Extent(side: 1) }.extent
      }
      var regions: [LabeledRegion] = []
      for object in picture.objects {
        let box = object.box?.box(unit, in: picture.extent)
        if let box, let extent = picture.extent, box.problem(height: extent.height, width: extent.width) != nil {
          try annotations.leaveOut(
            "\(object.name) of \(picture.file)", .outside, detail: "of \(extent.width) x \(extent.height) pixels")
          continue
        }
        regions.append(LabeledRegion(label: labels[object.className] ?? 0, box: box, mark: object.mark))
      }
      pictures[place] = picture
      boxes.append(regions)
    }
    let used = pictures.indices.filter { keepsEmpty || !boxes[$0].isEmpty }
    self.pictures = used.map { pictures[$0] }
    self.boxes = used.map { boxes[$0].isEmpty ? [LabeledRegion(label: 0, mark: .background)] : boxes[$0] }
    guard boxes.contains(where: { !$0.isEmpty }) else {
      throw annotations.refusal(
        "no boxes in it", expected: "at least one image with a box", action: "check the source")
    }
    let empty = all.count - boxes.count { !$0.isEmpty }
    remarks =
      annotations.remarks + found.remarks
      + (unit == .fractions ? ["boxes of \(path) are parts of width and height, scaled to pixels"] : [])
      + (empty > 0
        ? ["\(empty) images of \(path) have no box and are \(keepsEmpty ? "kept as background" : "excluded")"] : [])
      + Annotations.remarks(on: annotations.leftOut, of: path)
  }

  var count: Int { pictures.count }
  func name(at index: Int) -> String { "\(folder)/\(pictures[index].file)" }
  func fileName(at index: Int) -> String? { pictures[index].file }
  func identifier(at index: Int) -> String? { pictures[index].identifier }
  func label(at index: Int) -> Int { boxes[index][0].label }
  func regions(at index: Int) -> [LabeledRegion] { boxes[index] }

  var isOfFiles: Bool { true }

  /// The image, which must have the extent that the annotations state, and have all its boxes in it.
  func image(at index: Int) throws(FileError) -> SourceImage {
    let picture = pictures[index]
    let source = try SourceImage(reading: name(at: index))
    let image = source.image
    if let extent = picture.extent, extent != image.extent {
      throw FileError(
        what: "it has \(image.width) x \(image.height) pixels (its orientation tag applied)", path: name(at: index),
        expected: "\(extent.width) x \(extent.height) as \(path) declares",
        action: "correct the annotations or replace the image")
    }
    for (object, region) in zip(picture.objects, boxes[index]) {
      if let problem = region.box?.problem(height: image.height, width: image.width) {
        throw FileError(
          what: "\(object.name) of \(picture.file) \(problem)", path: path, expected: "a box in its image",
          action: "correct the annotations, or leave such boxes out with --skip-invalid")
      }
    }
    return source
  }
}
