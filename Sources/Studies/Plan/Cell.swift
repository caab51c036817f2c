package import Training

/// The initialization of a fine-tuned network.
package enum Start: String, Sendable, CaseIterable, Codable { case pretrained, scratch }

/// A cell: runs that differ only in the learning rate; validation selects one.
package struct Cell: Sendable, Equatable {
  /// The conditions of a cell, unique in a study.
  package struct Question: Sendable, Hashable {
    /// The arm's name.
    package var arm: String
    /// Which part of the network is trained.
    package var regime: Regime
    /// The domain that it was pretrained on; nil from scratch.
    package var source: String?
    /// The domain that it is fine-tuned on.
    package var target: String
    /// Training images per class; nil is the value of `finetuning`.
    package var size: Int?
    /// The seed of split, order and initialization.
    package var seed: UInt64

    /// - Parameter size: training images per class.
    package init(
      arm: String, regime: Regime = .full, source: String?, target: String, size: Int? = nil, seed: UInt64
    ) {
      (self.arm, self.regime, self.source, self.target, self.size, self.seed) = (
        arm, regime, source, target, size, seed
      )
    }
  }

  /// The validation data of a run of a cell.
  package enum Trial: Sendable, Hashable {
    /// Validation images.
    case validated
    /// A part of the training images; the others train.
    case fold(Int)
    /// Nothing: all images train, at a learning rate that other runs have selected.
    case refit
  }

  /// The cell's conditions.
  package var question: Question
  /// The configuration without its learning rate, of the run that is tested.
  package var base: Configuration
  /// Folds of cross-validation; 0 validates on validation images.
  package var folds: Int
  /// The learning rates to choose from.
  package var search: LearningRateSearch
  /// The source model that these runs begin with; nil from scratch.
  package var sourceModel: PlannedRun?
  /// The cell whose chosen weights these runs begin with instead.
  package var probe: Int?
  /// The cell whose chosen learning rate is taken without a search.
  package var leader: Int?

  /// The trials of each learning rate of the search; a learning rate taken from another cell is not tried.
  package var trials: [Trial] {
    folds == 0 ? [.validated] : leader == nil ? (1...folds).map(Trial.fold) : [.refit]
  }
  /// Whether the search ends with one more run.
  package var endsWithRefit: Bool { folds > 0 && leader == nil }

  /// The configuration without its learning rate of a run.
  func configuration(of trial: Trial) -> Configuration {
    guard case .fold(let index) = trial else { return base }
    var configuration = base
    configuration.data.validationPerClass = nil
    configuration.data.fold = .init(index, of: folds)
    return configuration
  }

  /// The initialization of the cell's runs.
  package var start: Start { question.source == nil ? .scratch : .pretrained }
  /// The cell in words, for messages.
  package var name: String {
    let start = question.source.map { "pretrained on \($0)" } ?? "from scratch"
    return "\(question.arm) on \(question.target), \(start), \(question.regime.rawValue), seed \(question.seed)"
  }
}
