import Foundation
import Images
internal import Support

/// Images in one folder per class: JPEG and PNG files, ordered by class and file name.
struct FolderImages: ImageSource {
  private var paths: [String] = []
  private var labels: [Int] = []

  /// What a folder of images holds.
  struct Contents {
    let classNames: [String]
    let train: FolderImages
    /// The images of `test/`, if there are `train/` and `test/`.
    let test: FolderImages?
  }

  /// Lists a folder that holds a sub-folder for each class, or such folders called `train` and `test`.
  /// - Parameter classNames: the order of the classes; their folders' names in order unless given.
  /// - Throws: `FileError` if folders are missing, or a class folder has no place in `classNames`.
  static func contents(of folder: String, classNames: [String]?) throws(FileError) -> Contents {
    let names = try subfolders(of: folder)
    guard names.contains("train") else {
      let classNames = classNames ?? names
      return Contents(
        classNames: classNames, train: try FolderImages(folder, folders: names, classNames: classNames), test: nil)
    }
    guard names.contains("test") else {
      throw FileError(
        what: "train/ without test/", path: folder, expected: "train/ and test/, or a folder for each class",
        action: "give the folder train/ itself to split it")
    }
    let trainNames = try subfolders(of: folder + "/train")
    let classNames = classNames ?? trainNames
    return Contents(
      classNames: classNames,
      train: try FolderImages(folder + "/train", folders: trainNames, classNames: classNames),
      test: try FolderImages(
        folder + "/test", folders: try subfolders(of: folder + "/test"), classNames: classNames))
  }

  private init(_ folder: String, folders: [String], classNames: [String]) throws(FileError) {
    guard !folders.isEmpty else {
      throw FileError(
        what: "no folders in it", path: folder, expected: "a folder of JPEG or PNG files for each class",
        action: "check the path")
    }
    for name in folders {
      guard let label = classNames.firstIndex(of: name) else {
        throw FileError(
          what: "a folder of no known class", path: folder + "/" + name,
          expected: "one of \(classNames.prefix(20).joined(separator: ", "))",
          action: "move it away or add the class")
      }
      let pictures = try Self.entries(of: folder + "/" + name).filter(Self.isPicture)
      guard !pictures.isEmpty else {
        throw FileError(
          what: "no images in it", path: folder + "/" + name, expected: "files named .jpg, .jpeg or .png",
          action: "add some or move the folder away")
      }
      paths += pictures.map { "\(folder)/\(name)/\($0)" }
      labels += pictures.map { _ in label }
    }
  }

  var count: Int { paths.count }
  func label(at index: Int) -> Int { labels[index] }
  func name(at index: Int) -> String { paths[index] }

  func image(at index: Int) throws(FileError) -> Image {
    try Image(reading: paths[index])
  }

  private static func isPicture(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".jpg", ".jpeg", ".png"].contains { name.hasSuffix($0) }
  }

  private static func subfolders(of folder: String) throws(FileError) -> [String] {
    try entries(of: folder).filter { name in
      var isFolder: ObjCBool = false
      return unsafe FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder)
        && isFolder.boolValue
    }
  }

  /// The names in a folder in order, hidden ones left out.
  static func entries(of folder: String) throws(FileError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
      throw FileError(
        what: "no folder that can be listed", path: folder, action: "check the path and its permissions", kind: .missing
      )
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }
}
