internal import Datasets
internal import Support

/// Images of a target that source models are trained on: what is measured on them is no transfer to images not seen before.
package struct SharedImages: Sendable, Equatable, Codable {
  /// The domain that source models are trained on.
  package var source: String
  /// The domain that has the same images.
  package var target: String
  /// Images of the target that the source has for training or validation.
  package var images: Int
  /// Those of them that the target is tested on.
  package var tested: Int
  /// The images that the target is tested on.
  package var tests: Int

  /// A finding.
  package init(source: String, target: String, images: Int, tested: Int, tests: Int) {
    (self.source, self.target, self.images, self.tested, self.tests) = (source, target, images, tested, tests)
  }

  /// The finding as a sentence without its full stop.
  package var sentence: String {
    "\(images) images of the target \(target) are training or validation images of the source \(source) too, and \(tested) of the "
      + "\(tests) that it is tested on: source models have seen them"
  }

  /// The shared images of every source and target of a study, before any shift of a domain; none where there are none.
  /// - Throws: `FileError` where a dataset cannot be read, `Interruption.stopped`.
  package static func all(in study: Study, shouldStop: () -> Bool = { false }) throws -> [SharedImages] {
    var datasets: [String: Dataset] = [:]
    func dataset(_ path: String) throws(FileError) -> Dataset {
      if let known = datasets[path] { return known }
      let dataset = try Dataset(opening: path)
      datasets[path] = dataset
      return dataset
    }
    func images(_ dataset: Dataset, _ splits: [Split]) -> Set<Int> {
      Set(splits.flatMap { dataset.samples(of: $0) }.map(dataset.imageIndex(of:)))
    }
    var found: [SharedImages] = []
    for source in study.domains {
      guard let path = source.source else { continue }
      let seen = try dataset(path)
      for target in study.domains {
        guard let path = target.target else { continue }
        let own = try dataset(path)
        let shared = try own.images(
          images(own, Split.allCases), alsoIn: seen, at: images(seen, [.train, .validation]), shouldStop: shouldStop)
        guard !shared.isEmpty else { continue }
        let tests = images(own, [.test])
        found.append(
          SharedImages(
            source: source.name, target: target.name, images: shared.count, tested: shared.count(where: tests.contains),
            tests: tests.count))
      }
    }
    return found
  }
}

/// The shared images of a study's datasets as they are now.
struct KnownSharedImages: Codable {
  /// What they depend on.
  var key: String
  /// What was found.
  var found: [SharedImages]
}
