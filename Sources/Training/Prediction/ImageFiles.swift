internal import Foundation
package import Support

/// Image files found by their paths: files as they are named, and folders with all that is in them.
package struct ImageFiles: Sendable, Equatable {
  /// Ends of the names of files in folders that are taken for images.
  package static let suffixes = ["jpg", "jpeg", "png"]

  /// The files, in the order of the paths, those of a folder in order of their names.
  package private(set) var paths: [String] = []
  /// The dataset files among the paths.
  package private(set) var datasets: [String] = []
  /// Other files in folders, counted by the ends of their names, such as `txt`; links to folders under `link`.
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
        expected: "files named \(Self.suffixes.map { "." + $0 }.joined(separator: ", "))",
        action: "name files of other names one by one")
    }
  }

  /// What was passed over, such as `2 .txt, 1 .json`.
  package var passedOverText: String {
    passedOver.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { end, count in
      "\(count) " + (end.isEmpty ? "without an extension" : end == "link" ? "links to folders" : ".\(end)")
    }.joined(separator: ", ")
  }

  private mutating func add(folder: String, depth: Int) throws(FileError) {
    guard depth < Self.depthLimit else {
      throw FileError(what: "folders deeper than \(Self.depthLimit)", path: folder, action: "name the folder itself")
    }
    let names = try FileSystem.attempt("list", folder) { try FileManager.default.contentsOfDirectory(atPath: folder) }
    for name in names.sorted() where !name.hasPrefix(".") {
      let path = "\(folder)/\(name)"
      let end = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
      if Self.isFolder(path) {
        let isLink = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
        if isLink { passedOver["link", default: 0] += 1 } else { try add(folder: path, depth: depth + 1) }
      } else if Self.suffixes.contains(end) {
        paths.append(path)
      } else {
        passedOver[end, default: 0] += 1
      }
    }
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
