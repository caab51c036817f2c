internal import Serialization
internal import Training

extension Study {
  /// The settings of the search for a learning rate and a number of epochs.
  package struct Search: Decodable, Sendable, Equatable {
    /// Training images per class up to which a cell is cross-validated, if any is.
    package static let mostForFolds = 20
    /// Folds of the training images for cells with few images; 0 validates on validation images everywhere.
    package var folds = 0
    /// The number of learning rates that may be added at the ends of the grid until the chosen one lies inside it.
    package var extensions = 3
    /// How often the epochs of fine-tuning may be doubled while that gains more than its error.
    package var doublings = 2
    /// The number of seeds that search, the first ones; nil is all.
    package var seeds: Int?

    private enum CodingKeys: String, CodingKey { case folds, extensions, doublings, seeds }

    /// The defaults.
    package init() {}

    /// Reads the key `search` of a study file.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      folds = try container.decode(.folds, or: folds)
      extensions = try container.decode(.extensions, or: extensions)
      doublings = try container.decode(.doublings, or: doublings)
      seeds = try container.decodeIfPresent(Int.self, forKey: .seeds)
      try container.require(
        folds == 0 || (2...Self.mostForFolds).contains(folds), .folds,
        "expected 2 to \(Self.mostForFolds) folds, or 0 for none")
      try container.require((0...20).contains(extensions), .extensions, "expected 0 to 20 rates")
      try container.require((0...10).contains(doublings), .doublings, "expected 0 to 10 doublings")
      try container.require(seeds ?? 1 > 0, .seeds, "expected a number of seeds above 0")
    }
  }

  /// The seeds that search, all of a cell's together; the others take what these choose.
  package var searchingSeeds: [UInt64] { Array(seeds.prefix(search.seeds ?? seeds.count)) }

  /// The trials of each setting at a seed; none at a seed that does not search.
  ///
  /// With folds each seed holds out a part of its own, and several ones where there are fewer seeds than folds: a setting
  /// has as many trials as there are seeds or folds, whichever are more.
  func trials(seed: UInt64, folds: Int) -> [Cell.Trial] {
    guard let place = searchingSeeds.firstIndex(of: seed) else { return [] }
    guard folds > 0 else { return [.validated] }
    let parts = (folds + searchingSeeds.count - 1) / searchingSeeds.count
    return (0..<parts).map { .fold(1 + (place * parts + $0) % folds) }
  }
}
