internal import Datasets
internal import Tensors

extension Dataset {
  /// The number of training images of a domain that distances are measured on, at most.
  static let measuredImages = 200

  /// At most a number of samples of a split, drawn deterministically.
  func drawn(_ count: Int, of split: Split, as role: DerivedDataset.Role) -> [Int] {
    var random = RandomStream(seed: 1, keys: RandomStream.key("distance \(role.rawValue)"))
    let samples = samples(of: split)
    return random.permutation(of: samples.count).prefix(count).map { samples[$0] }
  }
}
