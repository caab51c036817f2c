import Images
internal import Support

/// The images of a source: those to split, and the validation and test sets if the source has its own.
struct SourceImages {
  let train: any ImageSource
  let validation: (any ImageSource)?
  let test: (any ImageSource)?
  /// The class names by label from 0 on, if the source or the user gives them.
  let classNames: [String]?
  /// What the source excludes, one sentence each.
  var remarks: [String]
  /// All of them: first those to split, then test and validation.
  let all: JoinedImages

  init(
    train: any ImageSource, validation: (any ImageSource)? = nil, test: (any ImageSource)?, classNames: [String]?,
    remarks: [String] = []
  ) {
    (self.train, self.validation, self.test) = (train, validation, test)
    (self.classNames, self.remarks) = (classNames, remarks)
    all = JoinedImages([train, test, validation].compactMap(\.self))
  }

  /// The set of the source that an image belongs to.
  func givenSplit(of index: Int) -> Split {
    index < train.count ? .train : index < train.count + (test?.count ?? 0) ? .test : .validation
  }

  /// What files of proposals may call an image, the surest name first.
  func names(at index: Int) -> [String] {
    let file = all.fileName(at: index)
    let short = file?.split(separator: "/").last.map(String.init)
    return [all.identifier(at: index), file, short, file.map(ImageSets.stem)].compactMap(\.self)
  }
}
