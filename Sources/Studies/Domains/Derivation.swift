internal import Datasets
internal import Images
internal import Kernels
internal import Support
internal import Tensors
internal import Training

/// A dataset derived from another: images shifted, classes grouped; splits and order are kept.
package struct Derivation: Sendable, Equatable {
  /// The shift of the images; nil keeps them.
  package var shift: DomainShift?
  /// Names of the base's classes by the group's name; classes in none are left out.
  package var groups: [String: [String]]?

  /// A change of images, of classes, or of both.
  package init(shift: DomainShift? = nil, groups: [String: [String]]? = nil) {
    (self.shift, self.groups) = (shift, groups)
  }

  /// The derivation as one text: equal texts, equal changes.
  package var recipe: String {
    let groups = groups?.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.sorted().joined(separator: ", "))" }
    return [shift.map { "\($0.kind.rawValue) \($0.severity) version 1" }, groups?.joined(separator: "; ")]
      .compactMap { $0 }.joined(separator: " | ")
  }

  /// Writes the dataset, image by image, beside its place and then renamed.
  /// - Parameter shouldStop: polled before each image.
  /// - Throws: `FileError` where the base cannot be read or has no class of a group, or the file cannot be written;
  ///   `Interruption.stopped`.
  package func write(from base: String, to path: String, name: String, shouldStop: () -> Bool) throws {
    let dataset = try Dataset.ofImages(base, action: "derive from a dataset of images")
    if let shift, shift.movesPixels, (0..<dataset.sampleCount).contains(where: { dataset.box(of: $0) != nil }) {
      throw FileError(
        what: "it has boxes, which the shift \(shift.kind.rawValue) does not move", path: base,
        expected: "images without boxes, or a shift that leaves every pixel in its place",
        action: "choose another shift, such as blurred")
    }
    let classes = groups.map { $0.keys.sorted() } ?? dataset.classNames
    let places = try places(in: dataset, classes: classes)
    let header = DatasetHeader(
      name: name, source: "\(dataset.source) (\(recipe))", license: dataset.license, classNames: classes,
      channels: dataset.channels, resizing: dataset.header.resizing,
      storage: shift == nil ? dataset.header.storage : .samples)
    var regions: [[LabeledRegion]] = Array(repeating: [], count: dataset.imageCount)
    var splits: [Int: Split] = [:]
    for split in Split.allCases {
      for sample in dataset.samples(of: split) {
        guard let label = places[dataset.label(of: sample)] else { continue }
        let image = dataset.imageIndex(of: sample)
        var region = dataset.region(of: sample)
        region.label = label
        regions[image].append(region)
        splits[image] = split
      }
    }
    var writer = try DatasetWriter(path: path, header: header)
    var written: [Split: [Int]] = [:]
    for index in regions.indices where !regions[index].isEmpty {
      if shouldStop() { throw Interruption.stopped }
      let (fileName, proposals) = (dataset.fileName(of: index), dataset.proposals(ofImage: index))
      let place: Int
      if header.storage == .encoded {
        place = try writer.append(
          dataset.encodedImage(at: index), regions: regions[index], proposals: proposals, fileName: fileName)
      } else {
        let image = try dataset.image(at: index)
        place = try writer.append(
          shift?.shifted(image, index: index) ?? image, regions: regions[index], proposals: proposals,
          fileName: fileName)
      }
      if let split = splits[index] { written[split, default: []].append(place) }
    }
    try writer.finish(splits: written)
  }

  /// For each class of the base its place among the new ones.
  private func places(in dataset: Dataset, classes: [String]) throws -> [Int: Int] {
    guard let groups else { return Dictionary(uniqueKeysWithValues: dataset.classNames.indices.map { ($0, $0) }) }
    var places: [Int: Int] = [:]
    for (place, group) in classes.enumerated() {
      for name in groups[group] ?? [] {
        guard let index = dataset.classNames.firstIndex(of: name) else {
          let hint = nearest(to: name, among: dataset.classNames).map { "; did you mean \($0)?" } ?? ""
          throw FileError(
            what: "it has no class \(name) for the group \(group)\(hint)", path: dataset.path,
            expected: "one of \(dataset.classNames.listed)")
        }
        places[index] = place
      }
    }
    return places
  }
}

extension Dataset {
  /// A dataset that holds images, not feature maps.
  static func ofImages(_ path: String, action: String) throws(FileError) -> Dataset {
    let dataset = try Dataset(opening: path)
    guard dataset.header.features == nil else {
      throw FileError(what: "it holds feature maps", path: path, expected: "images", action: action)
    }
    return dataset
  }
}
