package import Datasets
internal import Tensors

/// The training and validation samples of a run: all of a split, or a number per class drawn by the seed.
package struct SampleChoice: Sendable, Equatable {
  /// Sample indices to train on, in increasing order.
  package let training: [Int]
  /// Sample indices to validate on, in increasing order; empty for a run without validation.
  package let validation: [Int]

  /// - Throws: `TrainingError` if a split is empty or a class has fewer than asked for.
  package init(of dataset: Dataset, as data: DataConfiguration, seed: UInt64) throws(TrainingError) {
    let drawn = try Self.samples(of: dataset, .train, perClass: data.trainPerClass, seed: seed)
    if let fold = data.fold {
      validation = try Self.part(fold, of: drawn, in: dataset, seed: seed)
      training = drawn.filter(Set(drawn).subtracting(validation).contains)
    } else {
      training = drawn
      validation =
        data.validationPerClass == 0
        ? [] : try Self.samples(of: dataset, .validation, perClass: data.validationPerClass, seed: seed)
    }
  }

  /// - Parameter perClass: samples of each class, drawn without replacement; nil takes all.
  private static func samples(
    of dataset: Dataset, _ split: Split, perClass: Int?, seed: UInt64
  ) throws(TrainingError) -> [Int] {
    let all = dataset.samples(of: split)
    guard !all.isEmpty else {
      let other = split == .validation ? ", or set data.validationPerClass: 0 to train without validation" : ""
      throw TrainingError(
        "\(dataset.path): the split \(split.rawValue) is empty; expected at least one sample; prepare the dataset with "
          + "one\(other)")
    }
    guard let perClass else { return all }
    var ofClass = [[Int]](repeating: [], count: dataset.classNames.count)
    for sample in all { ofClass[dataset.label(of: sample)].append(sample) }
    var chosen: [Int] = []
    for (label, samples) in ofClass.enumerated() {
      guard samples.count >= perClass else {
        throw TrainingError(
          "\(dataset.path): class \(dataset.classNames[label]) has \(samples.count) samples in \(split.rawValue), expected "
            + "\(perClass) as data.\(split == .train ? "trainPerClass" : "validationPerClass") asks; ask for fewer")
      }
      var stream = RandomStream(seed: seed, keys: RandomStream.key(split.rawValue), UInt64(label))
      chosen += stream.permutation(of: samples.count).prefix(perClass).map { samples[$0] }
    }
    return chosen.sorted()
  }

  /// One of the parts that the seed splits samples into: as many of each class in every part, or one more.
  ///
  /// An image's samples stay together, by the class of the first, so that no image is on both sides.
  private static func part(
    _ fold: DataConfiguration.Fold, of drawn: [Int], in dataset: Dataset, seed: UInt64
  ) throws(TrainingError) -> [Int] {
    var samplesOfImages: [Int: [Int]] = [:]
    var images = [[Int]](repeating: [], count: dataset.classNames.count)
    for sample in drawn {
      let image = dataset.imageIndex(of: sample)
      if samplesOfImages[image] == nil { images[dataset.label(of: sample)].append(image) }
      samplesOfImages[image, default: []].append(sample)
    }
    var part: [Int] = []
    var dealt = 0
    for (label, images) in images.enumerated() {
      guard images.isEmpty || images.count >= fold.of else {
        throw TrainingError(
          "\(dataset.path): class \(dataset.classNames[label]) has \(images.count) images to train on, expected at least "
            + "\(fold.of), one for each part of data.fold; ask for fewer parts")
      }
      var stream = RandomStream(seed: seed, keys: RandomStream.key("fold"), UInt64(label))
      // A class begins where the one before ended, so that parts have equal sizes.
      for index in stream.permutation(of: images.count) {
        if dealt % fold.of == fold.index - 1 { part += samplesOfImages[images[index]] ?? [] }
        dealt += 1
      }
    }
    return part.sorted()
  }
}

/// An error of a run that cannot start or resume: what is wrong, where, and what to do.
package struct TrainingError: Error, Equatable, CustomStringConvertible {
  /// The message.
  package let description: String
  /// An error with a message.
  package init(_ description: String) { self.description = description }
}
