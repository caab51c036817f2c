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
  /// The folders of splits in lowercase.
  static let splitNames: [String: Split] = [
    "train": .train, "training": .train, "val": .validation, "valid": .validation, "validation": .validation,
    "dev": .validation, "test": .test, "testing": .test,
  ]

  private let reading: FolderReading
  private let root: String
  private var passedOver = PassedOver()
  private var classNames: [String]?
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

  /// The folder of each split; nil if the folders are classes.
  private mutating func splitFolders(_ folders: [String]) throws(FileError) -> [Split: String]? {
    var found: [Split: String] = [:]
    let candidates = folders.filter { Self.splitNames[$0.lowercased()] != nil }
    let similar = folders.compactMap { name in SplitName.split(like: name).map { (name: name, split: $0) } }
    // Classes may be called so where the user names them.
    func requireClasses() throws(FileError) {
      guard classNames == nil, Set(similar.map(\.split)).count > 1 else { return }
      // A class of others may be called train or test; a folder of folders is none of these.
      var hasFolders = false
      for train in similar where train.split == .train {
        if try entries(train.name + "/").contains(where: { $0.isFolder && !$0.isHidden }) { hasFolders = true }
      }
      guard hasFolders || similar.count == folders.count else { return }
      throw FileError(
        what: "folders that look like splits, not classes: \(similar.map { $0.name + "/" }.joined(separator: ", "))",
        path: root, expected: "train/, val/ and test/ with a folder for each class in them, or a folder for each class",
        action: "rename them so and sort their images by class, or, if these are the classes, name all with --classes")
    }
    // A class may be called train: its folder holds images and no folders.
    guard let train = candidates.first(where: { Self.splitNames[$0.lowercased()] == .train }),
      try entries(train + "/").contains(where: { $0.isFolder && !$0.isHidden })
    else {
      try requireClasses()
      return nil
    }
    for name in candidates {
      guard let split = Self.splitNames[name.lowercased()] else { continue }
      if let other = found.updateValue(name, forKey: split) {
        throw FileError(
          what: "two folders for one split, \(other)/ and \(name)/", path: root, expected: "one",
          action: "move one of them away")
      }
    }
    if found.count > 1 { return found }
    try requireClasses()
    guard folders.count > 1 else {
      throw FileError(
        what: "\(train)/ without a folder for validation or test", path: root,
        expected: "train/ with val/ or test/ beside it, or a folder for each class",
        action: "give the folder \(train)/ itself to split it")
    }
    return nil
  }

  private static func remark(_ splits: [Split: String]) -> String {
    let taken = Split.allCases.compactMap { split in splits[split].map { "\($0)/ is the \(split.rawValue) split" } }
    var text = "splits as the source has them: " + taken.joined(separator: ", ")
    if splits[.test] == nil { text += "; there is no test split unless --test takes a share of the training images" }
    if splits[.validation] == nil { text += "; validation images are a share of the training images (--validation)" }
    return text
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
            + Self.spelled(entry.name), path: folder.isEmpty ? root : "\(root)/\(folder.dropLast())",
          expected: "a folder for each class", action: "move the images of one into the other")
      }
      classes.append((entry.name, files))
    }
    guard !classes.isEmpty else {
      throw FileError(
        what: "no class folder with images in it", path: folder.isEmpty ? root : "\(root)/\(folder.dropLast())",
        expected: "a folder of images for each class",
        action: "check the path")
    }
    guard classes.count > 1 || classNames != nil else {
      let path = folder.isEmpty ? root : "\(root)/\(folder.dropLast())"
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
      path: "\(root)/\(folder.dropLast())", expected: "\(ImageFormat.list) files",
      action: inner.count > 0 ? advice(on: folder) : "add some or move the folder away")
  }

  /// What to do with a class folder that has images in subfolders alone.
  private func advice(on folder: String) -> String {
    let above = folder.dropLast().lastIndex(of: "/").map { String(folder[...$0]) } ?? ""
    let siblings = ((try? entries(above)) ?? []).filter { $0.isFolder && !$0.isHidden }.map { above + $0.name }
    let own = ((try? entries(folder)) ?? []).filter { $0.isFolder && !$0.isHidden }.map(\.name)
    if own.contains(where: { SplitName.split(like: $0) != nil }) {
      return "its subfolders \(own.prefix(5).joined(separator: ", ")) look like splits: give the folder "
        + "\(root)/\(folder.dropLast()) itself"
    }
    if let shared = sharedSubfolders(of: siblings) {
      return "the subfolders \(shared) repeat in several folders: if they are the classes, move their images into one "
        + "folder for each, or into train/, val/ and test/ with such folders"
    }
    return "read them with --nested, or move the folder away"
  }

  /// The first names of subfolders that several folders have; `nil` if there are none.
  private func sharedSubfolders(of folders: [String]) -> String? {
    var counts: [String: Int] = [:]
    for folder in folders {
      for entry in (try? entries(folder + "/")) ?? [] where entry.isFolder && !entry.isHidden {
        counts[entry.name, default: 0] += 1
      }
    }
    let shared = counts.filter { $0.value > 1 }.keys.sorted()
    return shared.isEmpty ? nil : shared.prefix(5).joined(separator: ", ") + (shared.count > 5 ? ", …" : "")
  }

  /// A name with the numbers of its characters beyond ASCII.
  private static func spelled(_ name: String) -> String {
    let codes = name.unicodeScalars.filter { !$0.isASCII }.prefix(8).map {
      "U+" + String($0.value, radix: 16).uppercased()
    }
    return "\(name) (\(codes.joined(separator: " ")))"
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

// MARK: Entries

extension FolderImages {
  fileprivate struct Entry {
    let name: String
    let isFolder: Bool
    /// Names that begin with a dot, and what systems leave behind.
    var isHidden: Bool {
      name.hasPrefix(".") || ["thumbs.db", "desktop.ini", "__macosx", "@eadir"].contains(name.lowercased())
    }
  }

  /// What is in a folder, in the order of names; hidden ones are counted and left out.
  fileprivate mutating func visible(_ folder: String) throws(FileError) -> [Entry] {
    let all = try entries(folder)
    for entry in all where entry.isHidden {
      passedOver.add(entry.isFolder ? "hidden folders" : "hidden files", folder + entry.name)
    }
    return all.filter { !$0.isHidden }
  }

  fileprivate func entries(_ folder: String) throws(FileError) -> [Entry] {
    let path = folder.isEmpty ? root : root + "/" + folder.dropLast()
    return try FileSystem.entries(of: path).map { name in
      var isFolder: ObjCBool = false
      _ = unsafe FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
      return Entry(name: name, isFolder: isFolder.boolValue)
    }
  }

  /// Whether a file is one to decode: an image by its first bytes, or by its name, for what is not what it is called is an
  /// error. Others are counted.
  fileprivate mutating func isImage(_ file: String) -> Bool {
    let last = file.split(separator: "/").last ?? ""
    let ending = last.contains(".") ? last.split(separator: ".").last?.lowercased() : nil
    if let ending, ImageFormat.allCases.contains(where: { $0.extensions.contains(ending) }) { return true }
    do throws(FileError) {
      let content = try RawFile(reading: root + "/" + file)
      let head = try content.read(min(content.size, ImageFormat.headLength), of: UInt8.self, at: 0)
      if ImageFormat(head: head) != nil { return true }
      passedOver.add(ending.map { ".\($0) files" } ?? "files without an ending", file)
    } catch {
      passedOver.add("unreadable files", file)
    }
    return false
  }
}
