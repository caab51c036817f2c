internal import Serialization
internal import Training

extension Study {
  /// The settings of the learning rate search.
  package struct Search: Decodable, Sendable, Equatable {
    /// The seeds that search for a learning rate.
    package enum Seeds: String, Decodable, Sendable { case each, first }
    /// Training images per class up to which a cell is cross-validated, if any is.
    package static let mostForFolds = 20
    /// Folds of the training images for cells with few images; 0 validates on validation images everywhere.
    package var folds = 0
    /// The number of learning rates that may be added at the ends of the grid until the chosen one lies inside it.
    package var extensions = 3
    /// Whether each seed chooses its own learning rate, or all take the first seed's.
    package var seeds = Seeds.each

    private enum CodingKeys: String, CodingKey { case folds, extensions, seeds }

    /// The defaults.
    package init() {}

    /// Reads the key `search` of a study file.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      folds = try container.decode(.folds, or: folds)
      extensions = try container.decode(.extensions, or: extensions)
      seeds = try container.decode(.seeds, or: seeds)
      try container.require(
        folds == 0 || (2...Self.mostForFolds).contains(folds), .folds,
        "expected 2 to \(Self.mostForFolds) folds, or 0 for none")
      try container.require((0...20).contains(extensions), .extensions, "expected 0 to 20 rates")
    }
  }
}
