import Foundation
import Images
internal import Support

/// How a folder of images is read.
package struct FolderReading: Sendable, Equatable {
  /// Whether files in subfolders of a class belong to the class; otherwise they are passed over and counted.
  package var isNested: Bool
  /// Whether it is an error that anything is passed over.
  package var isStrict: Bool

  /// By default neither.
  package init(isNested: Bool = false, isStrict: Bool = false) { (self.isNested, self.isStrict) = (isNested, isStrict) }
}

/// Image files in one folder per class, ordered by class and file name, or in such folders for training, validation and
/// test.
struct FolderImages {
  let reading: FolderReading
  let root: String
  var passedOver = PassedOver()
  private(set) var classNames: [String]?
  private var remarks: [String] = []

  private init(root: String, reading: FolderReading, classNames: [String]?) {
    self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
    (self.reading, self.classNames) = (reading, classNames)
  }

  /// Lists a folder that holds a folder for each class, or such folders for the splits.
  /// - Parameter classNames: the order of the classes; the training folders' names in order unless given.
  /// - Throws: `FileError` if there are no classes, a class folder has no image or no place in `classNames`, two folders
  ///   are of one split, or, where that is asked for, if anything is passed over.
  static func contents(
    of folder: String, classNames: [String]?, _ reading: FolderReading
  ) throws(FileError) -> SourceImages {
    var images = FolderImages(root: folder, reading: reading, classNames: classNames)
    return try images.contents()
  }

  private mutating func contents() throws(FileError) -> SourceImages {
    let all = try visible("")
    let splits = try splitFolders(all.filter(\.isFolder).map(\.name))
    var parts: [Split: FileImages] = [:]
    if let splits {
      for entry in all where !splits.values.contains(entry.name) {
        passedOver.add("\(entry.isFolder ? "folders" : "files") beside those of the splits", entry.name)
      }
      for split in Split.allCases {
        if let folder = splits[split] { parts[split] = try images(in: folder + "/", visible(folder + "/")) }
      }
      remarks.append(Self.remark(splits))
    } else {
      parts[.train] = try images(in: "", all)
    }
    if !passedOver.isEmpty {
      guard !reading.isStrict else {
        throw FileError(
          what: passedOver.text, path: root, expected: "images in class folders and nothing else",
          action: "remove the rest, or read without --strict")
      }
      remarks.append(passedOver.text)
    }
    return SourceImages(
      train: parts[.train] ?? FileImages(root: root), validation: parts[.validation], test: parts[.test],
      classNames: classNames, remarks: remarks)
  }

  /// The images of class folders; `folder` ends with a slash unless it is empty.
  private mutating func images(in folder: String, _ all: [Entry]) throws(FileError) -> FileImages {
    for entry in all where !entry.isFolder { passedOver.add("files beside the class folders", folder + entry.name) }
    var classes: [(name: String, files: [String])] = []
    for entry in all where entry.isFolder {
      let files = try files(in: folder + entry.name + "/")
      guard let files else { continue }
      if let other = classes.first(where: { $0.name == entry.name })?.name {
        throw FileError(
          what: "two class folders of one name in different Unicode forms, \(Self.spelled(other)) and "
            + Self.spelled(entry.name), path: path(of: folder),
          expected: "a folder for each class", action: "move the images of one into the other")
      }
      classes.append((entry.name, files))
    }
    guard !classes.isEmpty else {
      throw FileError(
        what: "no class folder with images in it", path: path(of: folder),
        expected: "a folder of images for each class",
        action: "check the path")
    }
    guard classes.count > 1 || classNames != nil else {
      let path = path(of: folder)
      throw FileError(
        what: "one class alone, \(classes[0].name)", path: path, expected: "a folder of images for each class",
        action: "give the folder that holds the classes, perhaps \(path)/\(classes[0].name), or, if it is right, name "
          + "the class with --classes")
    }
    if self.classNames == nil { remarks += SimilarNames.remarks(classes.map(\.name), what: "classes") }
    if reading.isNested, let shared = sharedSubfolders(of: classes.map { folder + $0.name }) {
      remarks.append("the subfolders \(shared) repeat in several classes; they are read as part of each")
    }
    let classNames = classNames ?? classes.map(\.name)
    self.classNames = classNames
    var images = FileImages(root: root)
    for (name, files) in classes {
      guard let label = classNames.firstIndex(of: name) else {
        throw FileError(
          what: "a folder of no known class", path: "\(root)/\(folder)\(name)",
          expected: "one of \(classNames.prefix(20).joined(separator: ", "))",
          action: "move it away or add the class")
      }
      for file in files { images.append(file, label: label) }
    }
    return images
  }

  /// The images of a class; nil if its folder is empty.
  private mutating func files(in folder: String) throws(FileError) -> [String]? {
    let all = try visible(folder)
    var (files, inner): ([String], (count: Int, example: String)) = ([], (0, ""))
    for entry in all {
      if !entry.isFolder {
        if isImage(folder + entry.name) { files.append(folder + entry.name) }
      } else if reading.isNested {
        files += try nested(folder + entry.name + "/", depth: 1)
      } else {
        let count = try count(below: folder + entry.name + "/", example: &inner.example, depth: 1)
        inner.count += count
        if count == 0 { passedOver.add("empty folders", folder + entry.name) }
      }
    }
    if inner.count > 0 {
      passedOver.add(
        "files in subfolders of classes", inner.example, count: inner.count, hint: "--nested reads them")
    }
    guard files.isEmpty else { return files }
    guard !all.isEmpty else {
      passedOver.add("empty folders", String(folder.dropLast()))
      return nil
    }
    throw FileError(
      what: "no images in it" + (inner.count > 0 ? ", but \(inner.count) files in its subfolders" : ""),
      path: path(of: folder), expected: "\(ImageFormat.list) files",
      action: inner.count > 0 ? advice(on: folder) : "add some or move the folder away")
  }

  /// The images in a subfolder of a class.
  private mutating func nested(_ folder: String, depth: Int) throws(FileError) -> [String] {
    guard try !isLink(folder, depth) else { return [] }
    var files: [String] = []
    let all = try visible(folder)
    if all.isEmpty { passedOver.add("empty folders", String(folder.dropLast())) }
    for entry in all {
      if entry.isFolder {
        files += try nested(folder + entry.name + "/", depth: depth + 1)
      } else if isImage(folder + entry.name) {
        files.append(folder + entry.name)
      }
    }
    return files
  }

  /// The number of files in a subfolder that is not read.
  private mutating func count(below folder: String, example: inout String, depth: Int) throws(FileError) -> Int {
    guard try !isLink(folder, depth) else { return 0 }
    var count = 0
    for entry in try entries(folder) where !entry.isHidden {
      if entry.isFolder {
        count += try self.count(below: folder + entry.name + "/", example: &example, depth: depth + 1)
      } else {
        if example.isEmpty { example = folder + entry.name }
        count += 1
      }
    }
    return count
  }

  /// Whether a subfolder is a link, which is not followed, for it may lead back.
  private mutating func isLink(_ folder: String, _ depth: Int) throws(FileError) -> Bool {
    let path = String(folder.dropLast())
    guard depth <= 32 else {
      throw FileError(
        what: "more than 32 folders within each other", path: root + "/" + path, action: "move some of them up")
    }
    guard (try? FileManager.default.destinationOfSymbolicLink(atPath: root + "/" + path)) != nil else { return false }
    passedOver.add("links to folders", path)
    return true
  }
}
