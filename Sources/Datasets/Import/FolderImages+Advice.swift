/// What errors and remarks say of folders.
extension FolderImages {
  /// What to do with a class folder that has images in subfolders alone.
  func advice(on folder: String) -> String {
    let above = folder.dropLast().lastIndex(of: "/").map { String(folder[...$0]) } ?? ""
    let siblings = ((try? subfolders(of: above)) ?? []).map { above + $0 }
    let own = (try? subfolders(of: folder)) ?? []
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
  func sharedSubfolders(of folders: [String]) -> String? {
    var counts: [String: Int] = [:]
    for folder in folders {
      for name in (try? subfolders(of: folder + "/")) ?? [] { counts[name, default: 0] += 1 }
    }
    let shared = counts.filter { $0.value > 1 }.keys.sorted()
    return shared.isEmpty ? nil : shared.prefix(5).joined(separator: ", ") + (shared.count > 5 ? ", …" : "")
  }

  /// A name with the numbers of its characters beyond ASCII.
  static func spelled(_ name: String) -> String {
    let codes = name.unicodeScalars.filter { !$0.isASCII }.prefix(8).map {
      "U+" + String($0.value, radix: 16).uppercased()
    }
    return codes.isEmpty ? "\(name) (ASCII)" : "\(name) (\(codes.joined(separator: " ")))"
  }
}
