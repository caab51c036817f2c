/// Names of folders of splits, and those that look like them, such as `Training Set`, `test_images` or `val2017`.
enum SplitName {
  private static let known: [String: Split] = [
    "train": .train, "training": .train, "val": .validation, "valid": .validation, "validation": .validation,
    "dev": .validation, "test": .test, "testing": .test,
  ]
  private static let fillers: Set = [
    "set", "sets", "image", "images", "img", "imgs", "data", "dataset", "split", "folder", "samples", "pictures",
  ]
  private static let other: [String: Split] = [
    "eval": .validation, "evaluation": .validation, "development": .validation,
  ]

  /// The split that a name is, in any case of letters; `nil` for any other name.
  static func split(named name: String) -> Split? { known[name.lowercased()] }

  /// The split that a name looks like, letters being what counts; `nil` for any other name.
  static func split(like name: String) -> Split? {
    let words = name.lowercased().split { !$0.isLetter }.map(String.init).filter { !fillers.contains($0) }
    guard words.count == 1 else { return nil }
    return known[words[0]] ?? other[words[0]]
  }
}
