internal import Support

/// The images of a dataset file that `prepare` wrote, those of all splits together.
struct DatasetImages: ImageSource {
  private let dataset: Dataset
  /// The images with a region, in their order, and the regions of each.
  private let images: [(index: Int, regions: [LabeledRegion])]

  /// - Throws: `FileError` if the file is no dataset, is damaged or holds feature maps.
  init(opening path: String) throws(FileError) {
    dataset = try Dataset(opening: path)
    guard dataset.header.features == nil else {
      throw FileError(
        what: "it holds feature maps", path: path, expected: "images", action: "give the dataset that they were made of"
      )
    }
    var regions: [Int: [LabeledRegion]] = [:]
    for split in Split.allCases {
      for sample in dataset.samples(of: split) {
        regions[dataset.imageIndex(of: sample), default: []].append(
          LabeledRegion(label: dataset.label(of: sample), box: dataset.box(of: sample)))
      }
    }
    images = regions.keys.sorted().map { ($0, regions[$0] ?? []) }
  }

  /// A source of all its images, to be split anew.
  static func contents(of path: String) throws(FileError) -> SourceImages {
    let images = try DatasetImages(opening: path)
    return SourceImages(train: images, test: nil, classNames: images.dataset.classNames)
  }

  var count: Int { images.count }
  func label(at index: Int) -> Int { images[index].regions[0].label }
  func regions(at index: Int) -> [LabeledRegion] { images[index].regions }
  func name(at index: Int) -> String { "\(dataset.path), image \(images[index].index)" }
  func fileName(at index: Int) -> String? { dataset.fileName(of: images[index].index) }

  func image(at index: Int) throws(FileError) -> SourceImage {
    SourceImage(try dataset.image(at: images[index].index))
  }
}
