import Images
internal import Support

/// Labeled image files below one folder.
struct FileImages: ImageSource {
  /// The folder that paths are relative to.
  let root: String
  private var files: [String] = []
  private var labels: [Int] = []

  init(root: String) { self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root }

  /// Adds a file by its path in the folder.
  mutating func append(_ file: String, label: Int) {
    files.append(file)
    labels.append(label)
  }

  var count: Int { files.count }
  func label(at index: Int) -> Int { labels[index] }
  func name(at index: Int) -> String { "\(root)/\(files[index])" }
  func fileName(at index: Int) -> String? { files[index] }
  var isOfFiles: Bool { true }
  func image(at index: Int) throws(FileError) -> SourceImage { try SourceImage(reading: name(at: index)) }
}
