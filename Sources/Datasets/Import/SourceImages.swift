import Images
internal import Support

/// The images of a source: those to split, and the validation and test sets if the source has its own.
struct SourceImages {
  let train: any ImageSource
  var validation: (any ImageSource)?
  let test: (any ImageSource)?
  /// The class names by label from 0 on, if the source or the user gives them.
  let classNames: [String]?
  /// What the source excludes, one sentence each.
  var remarks: [String] = []

  var count: Int { train.count + (test?.count ?? 0) + (validation?.count ?? 0) }

  /// The set of the source that an image belongs to: first come those to split, then test and validation.
  func givenSplit(of index: Int) -> Split {
    index < train.count ? .train : index < train.count + (test?.count ?? 0) ? .test : .validation
  }

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

  /// What files of proposals may call an image, the surest name first.
  func names(at index: Int) -> [String] {
    let (source, place) = place(of: index)
    let file = source.fileName(at: place)
    let short = file?.split(separator: "/").last.map(String.init)
    return [source.identifier(at: place), file, short, file.map(ImageSets.stem)].compactMap(\.self)
  }

  /// Whether every image is a file of its own.
  var areFiles: Bool { [train, validation, test].allSatisfy { $0?.isOfFiles ?? true } }

  func image(at index: Int) throws(FileError) -> SourceImage {
    let (source, index) = place(of: index)
    return try source.image(at: index)
  }

  private func place(of index: Int) -> (any ImageSource, Int) {
    var index = index
    for source in [train, test, validation].compactMap(\.self) {
      if index < source.count { return (source, index) }
      index -= source.count
    }
    preconditionFailure("SourceImages: no image \(index)")
  }
}
