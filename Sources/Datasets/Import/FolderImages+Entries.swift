import Foundation
import Images
internal import Support

/// What is in folders.
extension FolderImages {
  struct Entry {
    let name: String
    let isFolder: Bool
    /// Names that begin with a dot, and what systems leave behind.
    var isHidden: Bool {
      name.hasPrefix(".") || ["thumbs.db", "desktop.ini", "__macosx", "@eadir"].contains(name.lowercased())
    }
  }

  /// What is in a folder, in the order of names; hidden ones are counted and left out.
  mutating func visible(_ folder: String) throws(FileError) -> [Entry] {
    let all = try entries(folder)
    for entry in all where entry.isHidden {
      passedOver.add(entry.isFolder ? "hidden folders" : "hidden files", folder + entry.name)
    }
    return all.filter { !$0.isHidden }
  }

  func entries(_ folder: String) throws(FileError) -> [Entry] {
    let path = path(of: folder)
    return try FileSystem.entries(of: path).map { name in
      var isFolder: ObjCBool = false
      _ = unsafe FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder)
      return Entry(name: name, isFolder: isFolder.boolValue)
    }
  }

  /// The names of folders in a folder that are not hidden.
  func subfolders(of folder: String) throws(FileError) -> [String] {
    try entries(folder).filter { $0.isFolder && !$0.isHidden }.map(\.name)
  }

  /// The path of a folder within the root that ends with a slash; of the root itself for an empty one.
  func path(of folder: String) -> String { folder.isEmpty ? root : "\(root)/\(folder.dropLast())" }

  /// Whether a file is one to decode: an image by its first bytes, or by its name, for what is not what it is called is an
  /// error. Others are counted.
  mutating func isImage(_ file: String) -> Bool {
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
