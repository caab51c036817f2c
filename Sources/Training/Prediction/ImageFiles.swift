internal import Foundation
internal import Images
package import Support

/// Image files found by their paths: files as they are named, and folders with all that is in them.
package struct ImageFiles: Sendable, Equatable {
  /// The files, in the order of the paths, those of a folder in order of their names.
  package private(set) var paths: [String] = []
  /// The dataset files among the paths.
  package private(set) var datasets: [String] = []
  /// What else is in folders, counted by kind, such as `.txt files`.
  package private(set) var passedOver: [String: Int] = [:]

  /// Folders within folders.
  private static let depthLimit = 64
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Finds images.
  ///
  /// - Throws: `FileError` where a path is not there, a folder cannot be listed, or no image is found.
  package init(at given: [String]) throws(FileError) {
    for path in given {
      guard FileSystem.exists(path) else { throw FileError.missing(path) }
      if Self.isFolder(path) {
        try add(folder: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path, depth: 0)
      } else if try Self.isHDF5(path) {
        datasets.append(path)
      } else {
        paths.append(path)
      }
    }
    guard !paths.isEmpty || !datasets.isEmpty else {
      let others = passedOver.isEmpty ? "nothing" : "no images, but \(passedOverText)"
      throw FileError(
        what: "\(others) in it", path: given.joined(separator: ", "),
        expected: "\(ImageFormat.list) files")
    }
  }

  /// What was passed over, such as `2 .txt files, 1 links to folders`.
  package var passedOverText: String {
    passedOver.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($1) \($0)" }.joined(separator: ", ")
  }

  private mutating func add(folder: String, depth: Int) throws(FileError) {
    guard depth < Self.depthLimit else {
      throw FileError(what: "folders deeper than \(Self.depthLimit)", path: folder, action: "name the folder itself")
    }
    let names = try FileSystem.attempt("list", folder) { try FileManager.default.contentsOfDirectory(atPath: folder) }
    for name in names.sorted() {
      let path = "\(folder)/\(name)"
      let isFolder = Self.isFolder(path)
      if name.hasPrefix(".") || ["thumbs.db", "desktop.ini", "__macosx", "@eadir"].contains(name.lowercased()) {
        passedOver[isFolder ? "hidden folders" : "hidden files", default: 0] += 1
      } else if !isFolder {
        if let kind = Self.otherKind(of: path, named: name) {
          passedOver[kind, default: 0] += 1
        } else {
          paths.append(path)
        }
      } else if (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil {
        passedOver["links to folders", default: 0] += 1
      } else {
        try add(folder: path, depth: depth + 1)
      }
    }
  }

  /// What a file is that is not an image, neither by its name nor by its first bytes; nil for an image.
  private static func otherKind(of path: String, named name: String) -> String? {
    let ending = name.contains(".") ? name.split(separator: ".").last?.lowercased() : nil
    if let ending, ImageFormat.allCases.contains(where: { $0.extensions.contains(ending) }) { return nil }
    do throws(FileError) {
      let file = try RawFile(reading: path)
      let head = try file.read(min(file.size, ImageFormat.headLength), of: UInt8.self, at: 0)
      return ImageFormat(head: head) != nil ? nil : ending.map { ".\($0) files" } ?? "files without an ending"
    } catch { return "unreadable files" }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  private static func isHDF5(_ path: String) throws(FileError) -> Bool {
    let file = try RawFile(reading: path)
    guard file.size >= signature.count else { return false }
    return try file.read(signature.count, of: UInt8.self, at: 0) == signature
  }
}
