package import Training

/// A run that a study needs, in the directory named by its configuration.
package struct PlannedRun: Sendable, Equatable {
  package var configuration: Configuration
  package var directory: RunDirectory
  package var arm: String
  package var seed: UInt64
  /// The rate of fine-tuning; nil for a source model.
  package var rate: Double?
}

/// Where a fine-tuned network begins.
package enum Start: String, Sendable, CaseIterable, Codable { case pretrained, scratch }

/// Runs that differ only in the rate; validation chooses one of them.
package struct Cell: Sendable, Equatable {
  /// What is asked of a cell; no two of a study are asked the same.
  package struct Question: Sendable, Hashable {
    package var arm: String
    package var regime: Regime
    /// The domain that it was pretrained on; nil from scratch.
    package var source: String?
    package var target: String
    /// Training images a class; nil as `finetuning` says.
    package var size: Int?
    package var seed: UInt64

    package init(
      arm: String, regime: Regime = .full, source: String?, target: String, size: Int? = nil, seed: UInt64
    ) {
      (self.arm, self.regime, self.source, self.target, self.size, self.seed) = (
        arm, regime, source, target, size, seed
      )
    }
  }

  package var question: Question
  /// The configuration without its rate.
  package var base: Configuration
  package var search: RateSearch
  /// The source model that these runs begin with; nil from scratch.
  package var sourceModel: PlannedRun?
  /// The cell whose chosen weights these runs begin with instead.
  package var probe: Int?
  /// The cell whose chosen rate is taken without a search.
  package var leader: Int?

  package var start: Start { question.source == nil ? .scratch : .pretrained }
  /// In words, for messages.
  package var name: String {
    let start = question.source.map { "pretrained on \($0)" } ?? "from scratch"
    return "\(question.arm) on \(question.target), \(start), \(question.regime.rawValue), seed \(question.seed)"
  }
}
