internal import Foundation
internal import Images
internal import Support
internal import Tensors

/// Copies of image files with the objects that were found in them.
package struct DetectionDrawing {
  /// Colors of the classes in the order in which they are found first, again and again.
  private static let colors: [[UInt8]] = [
    [230, 25, 75], [0, 130, 200], [255, 225, 25], [60, 180, 75], [245, 130, 48], [145, 30, 180], [70, 240, 240],
    [240, 50, 230],
  ]
  private static let colorNames = ["red", "blue", "yellow", "green", "orange", "purple", "cyan", "magenta"]

  private let folder: String
  /// The copy of each file.
  private var copies: [(file: String, copy: String)] = []
  private var objects: [String: [ImagePrediction]] = [:]

  /// Copies to be made of some files in a folder.
  ///
  /// - Throws: `FileError` where two files would have the same copy, or a copy is there already and is not to be replaced.
  package init(of files: [String], in folder: String, overwrites: Bool) throws {
    self.folder = folder
    var known: [String: String] = [:]
    for file in files {
      let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent + ".png"
      if let other = known.updateValue(file, forKey: name) {
        throw FileError(
          what: "copies of \(other) and \(file) would have the same name, \(name)", path: folder,
          expected: "files of different names", action: "predict them in two calls, with two folders")
      }
      let copy = "\(folder)/\(name)"
      guard overwrites || !FileSystem.exists(copy) else {
        throw FileError(
          what: "it exists already", path: copy, expected: "a folder without such copies",
          action: "choose another, or give --overwrite")
      }
      copies.append((file, copy))
    }
  }

  /// Adds an object, or an image without a prediction.
  package mutating func add(_ prediction: ImagePrediction) {
    if prediction.box != nil { objects[prediction.file, default: []].append(prediction) }
  }

  /// Writes the copies and tells the colors; files that cannot be read were named before.
  /// - Throws: `FileError` where a copy cannot be written.
  package func draw() throws -> String {
    try FileSystem.attempt("make", folder) {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    var colors: [String: Int] = [:]
    var (drawn, empty) = (0, 0)
    for (file, copy) in copies {
      guard let image = try? DecodedImage(reading: file).image else { continue }
      var canvas = image.converted(toChannels: 3)
      let found = objects[file] ?? []
      empty += found.isEmpty ? 1 : 0
      // The surest is drawn last, on top.
      for object in found.reversed() {
        guard let box = object.box, let name = object.shares.first?.name else { continue }
        let color = colors[name] ?? colors.count
        colors[name] = color
        canvas = canvas.framed(box, Self.colors[color % Self.colors.count])
      }
      let output = try AtomicFile(replacing: copy)
      try output.file.append(canvas.png().span)
      try output.putInPlace()
      drawn += 1
    }
    let legend = colors.sorted { $0.value < $1.value }.map {
      "\($0.key) \(Self.colorNames[$0.value % Self.colorNames.count])"
    }
    return "drew \(drawn) images in \(folder), \(empty) of them without an object"
      + (legend.isEmpty ? "" : ": " + legend.joined(separator: ", ")) + "\n"
  }
}
