package import Training

/// The initialization of a fine-tuned network.
package enum Start: String, Sendable, CaseIterable, Codable { case pretrained, scratch }

/// A cell: runs that differ only in learning rate and epochs; validation selects one.
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
    /// Nothing: all images train, in a setting that other runs have selected.
    case refit
  }

  /// The cell's conditions.
  package var question: Question
  /// The configuration of the run that is tested, without its learning rate and with the first number of epochs.
  package var base: Configuration
  /// Folds of cross-validation; 0 validates on validation images.
  package var folds: Int
  /// The learning rates to choose from.
  package var rates: LearningRateSearch
  /// How often the epochs may be doubled.
  package var doublings: Int
  /// The trials of each setting of the search; empty where other seeds search for this one.
  package var trials: [Trial]
  /// What the names of its runs tell.
  var label: RunLabel
  /// The source model that these runs begin with; nil from scratch.
  package var sourceModel: PlannedRun?
  /// The cell whose chosen weights these runs begin with instead.
  package var probe: Int?

  /// The run that is tested, in the chosen setting.
  package var finalTrial: Trial { folds > 0 ? .refit : .validated }
  /// Whether this one is not among the trials.
  package var endsWithRefit: Bool { folds > 0 || trials.isEmpty }

  /// The configuration of a run, without its learning rate.
  /// - Parameter epochs: of fine-tuning; nil takes the first number.
  func configuration(of trial: Trial, epochs: Int? = nil) -> Configuration {
    var configuration = base
    configuration.epochs = epochs ?? base.epochs
    guard case .fold(let index) = trial else { return configuration }
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
