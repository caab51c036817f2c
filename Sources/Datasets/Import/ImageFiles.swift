internal import Foundation
internal import Support

/// The files of annotated images in a folder, found by the names that annotations give.
struct ImageFiles {
  /// The name of each in the folder.
  private(set) var files: [String] = []
  private(set) var remarks: [String] = []

  /// Finds files; a name without an extension is that of the one file with it, whatever its extension.
  /// - Throws: `FileError` for names that lead out of the folder, and for files that are missing or several.
  init(_ names: [String], in folder: String, annotations: Annotations) throws(FileError) {
    var missing: [String] = []
    var finder = StemFinder(folder: folder)
    var completed = 0
    for name in names {
      guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains(".."), !name.contains("\0") else {
        throw annotations.refusal("an image called \"\(name)\"", expected: "the name of a file in \(folder)")
      }
      if FileSystem.isRegularFile("\(folder)/\(name)") {
        files.append(name)
        continue
      }
      let candidates = finder.files(named: name)
      guard candidates.count <= 1 else {
        throw annotations.refusal(
          "an image called \"\(name)\", which several files are: \(candidates.prefix(3).joined(separator: ", "))",
          expected: "one file in \(folder)", action: "move the others away or write the name with its extension")
      }
      if let file = candidates.first {
        files.append(file)
        completed += 1
      } else {
        missing.append(name)
      }
    }
    guard missing.isEmpty else {
      let shown = missing.prefix(3).joined(separator: ", ") + (missing.count > 3 ? ", …" : "")
      throw FileError(
        what: "\(missing.count) of \(names.count) images are missing (\(shown))", path: annotations.path,
        expected: "all of them in \(folder)", action: "give the right folder or add them", kind: .missing)
    }
    if completed > 0 {
      remarks = ["\(completed) images of \(annotations.path) are named without extension and were found in \(folder)"]
    }
  }

}

/// Files of a folder by their names without extension.
struct StemFinder {
  let folder: String
  /// The names in each folder by those without extension.
  private var listings: [String: [String: [String]]] = [:]

  init(folder: String) { self.folder = folder }

  /// The paths in the folder that a path without extension may stand for.
  mutating func files(named name: String) -> [String] {
    let slash = name.lastIndex(of: "/")
    let directory = slash.map { String(name[...$0]) } ?? ""
    let stem = slash.map { String(name[name.index(after: $0)...]) } ?? name
    if listings[directory] == nil { listings[directory] = Self.listing("\(folder)/\(directory)") }
    return (listings[directory]?[stem] ?? []).map { directory + $0 }
  }

  /// The files of a folder by their names without extension.
  private static func listing(_ folder: String) -> [String: [String]] {
    var listing: [String: [String]] = [:]
    for name in FileSystem.names(in: folder).sorted() where !name.hasPrefix(".") {
      guard let dot = name.lastIndex(of: "."),
        !["xml", "json", "txt", "csv"].contains(name[dot...].dropFirst().lowercased())
      else { continue }
      listing[String(name[..<dot]), default: []].append(name)
    }
    return listing
  }
}
