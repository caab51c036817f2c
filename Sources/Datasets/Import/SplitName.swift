/// Names of folders that look like those of splits, such as `Training Set`, `test_images` or `val2017`.
enum SplitName {
  private static let fillers: Set = [
    "set", "sets", "image", "images", "img", "imgs", "data", "dataset", "split", "folder", "samples", "pictures",
  ]
  private static let other: [String: Split] = [
    "eval": .validation, "evaluation": .validation, "development": .validation,
  ]

  /// The split that a name looks like, letters being what counts; `nil` for any other name.
  static func split(like name: String) -> Split? {
    let words = name.lowercased().split { !$0.isLetter }.map(String.init).filter { !fillers.contains($0) }
    guard words.count == 1 else { return nil }
    return FolderImages.splitNames[words[0]] ?? other[words[0]]
  }
}
