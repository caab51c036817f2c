package import Storage
internal import Tensors

/// Which samples of a split a run uses: all, or so many of each class, drawn by the seed.
package enum SampleChoice {
  /// The chosen samples in increasing order.
  ///
  /// - Parameter perClass: samples of each class, drawn without replacement; nil takes all.
  /// - Throws: `TrainingError` if the split is empty or a class has fewer.
  package static func samples(
    of dataset: Dataset, _ split: Split, perClass: Int?, seed: UInt64
  ) throws(TrainingError) -> [Int] {
    let all = dataset.samples(of: split)
    guard !all.isEmpty else {
      throw TrainingError(
        "\(dataset.path): the split \(split.rawValue) is empty; expected at least one sample; prepare the dataset with one"
      )
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
}

/// Why a run cannot start or go on: one message with what is wrong, where, and what to do.
package struct TrainingError: Error, Equatable, CustomStringConvertible {
  package let description: String
  package init(_ description: String) { self.description = description }
}
