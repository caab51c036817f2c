internal import Images
internal import Support

/// The images of several sources, one source after another.
struct JoinedImages: ImageSource {
  private let parts: [any ImageSource]
  /// The place behind the last image of each source.
  private let ends: [Int]

  init(_ parts: [any ImageSource]) {
    self.parts = parts
    ends = parts.reduce(into: []) { $0.append(($0.last ?? 0) + $1.count) }
  }

  private func place(of index: Int) -> (any ImageSource, Int) {
    let part = ends.firstIndex { index < $0 } ?? 0
    return (parts[part], part == 0 ? index : index - ends[part - 1])
  }

  var count: Int { ends.last ?? 0 }
  var isOfFiles: Bool { parts.allSatisfy(\.isOfFiles) }

  func label(at index: Int) -> Int {
    let (source, index) = place(of: index)
    return source.label(at: index)
  }

  func regions(at index: Int) -> [LabeledRegion] {
    let (source, index) = place(of: index)
    return source.regions(at: index)
  }

  func name(at index: Int) -> String {
    let (source, index) = place(of: index)
    return source.name(at: index)
  }

  func fileName(at index: Int) -> String? {
    let (source, index) = place(of: index)
    return source.fileName(at: index)
  }

  func identifier(at index: Int) -> String? {
    let (source, index) = place(of: index)
    return source.identifier(at: index)
  }

  func image(at index: Int) throws(FileError) -> SourceImage {
    let (source, index) = place(of: index)
    return try source.image(at: index)
  }
}
