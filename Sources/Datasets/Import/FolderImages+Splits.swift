internal import Support

/// Folders of splits.
extension FolderImages {
  /// The folder of each split; nil if the folders are classes.
  func splitFolders(_ folders: [String]) throws(FileError) -> [Split: String]? {
    var found: [Split: String] = [:]
    let candidates = folders.filter { SplitName.split(named: $0) != nil }
    let similar = folders.compactMap { name in SplitName.split(like: name).map { (name: name, split: $0) } }
    // Classes may be called so where the user names them.
    func requireClasses() throws(FileError) {
      guard classNames == nil, Set(similar.map(\.split)).count > 1 else { return }
      // A class of others may be called train or test; a folder of folders is none of these.
      var hasFolders = false
      for train in similar where train.split == .train {
        if try !subfolders(of: train.name + "/").isEmpty { hasFolders = true }
      }
      guard hasFolders || similar.count == folders.count else { return }
      throw FileError(
        what: "folders that look like splits, not classes: \(similar.map { $0.name + "/" }.joined(separator: ", "))",
        path: root, expected: "train/, val/ and test/ with a folder for each class in them, or a folder for each class",
        action: "rename them so and sort their images by class, or, if these are the classes, name all with --classes")
    }
    // A class may be called train: its folder holds images and no folders.
    guard let train = candidates.first(where: { SplitName.split(named: $0) == .train }),
      try !subfolders(of: train + "/").isEmpty
    else {
      try requireClasses()
      return nil
    }
    for name in candidates {
      guard let split = SplitName.split(named: name) else { continue }
      if let other = found.updateValue(name, forKey: split) {
        throw FileError(
          what: "two folders for one split, \(other)/ and \(name)/", path: root, expected: "one",
          action: "move one of them away")
      }
    }
    if found.count > 1 {
      let others = similar.map(\.name).filter { !found.values.contains($0) }
      guard others.isEmpty else {
        throw FileError(
          what:
            "beside \(found.values.sorted().map { $0 + "/" }.joined(separator: ", ")) folders that look like splits too: "
            + others.map { $0 + "/" }.joined(separator: ", "), path: root, expected: "one folder for each split",
          action: "rename them to train/, val/ or test/, or move them away")
      }
      return found
    }
    try requireClasses()
    guard folders.count > 1 else {
      throw FileError(
        what: "\(train)/ without a folder for validation or test", path: root,
        expected: "train/ with val/ or test/ beside it, or a folder for each class",
        action: "give the folder \(train)/ itself to split it")
    }
    return nil
  }

  /// How the remark on splits begins.
  static let remarkOnSplits = "splits as the source has them: "

  static func remark(_ splits: [Split: String]) -> String {
    let taken = Split.allCases.compactMap { split in splits[split].map { "\($0)/ is the \(split.rawValue) split" } }
    var text = remarkOnSplits + taken.joined(separator: ", ")
    if splits[.test] == nil { text += "; there is no test split unless --test takes a share of the training images" }
    if splits[.validation] == nil { text += "; validation images are a share of the training images (--validation)" }
    return text
  }
}
