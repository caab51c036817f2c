extension StudyResults {
  /// An arm in a regime on a pair of domains at a size; without a source, from scratch.
  package struct Condition: Sendable, Hashable {
    /// The arm's name.
    package var arm: String
    /// Which part of the network is trained.
    package var regime: Regime
    /// The domain of pretraining; nil from scratch.
    package var source: String?
    /// The domain of fine-tuning.
    package var target: String
    /// Training images per class; nil is the value of `finetuning`.
    package var size: Int?

    /// An arm on a pair of domains.
    package init(_ arm: String, regime: Regime = .full, from source: String?, on target: String, size: Int? = nil) {
      (self.arm, self.regime, self.source, self.target, self.size) = (arm, regime, source, target, size)
    }

    /// The conditions of the cell at a seed.
    package func question(seed: UInt64) -> Cell.Question {
      Cell.Question(arm: arm, regime: regime, source: source, target: target, size: size, seed: seed)
    }
  }
}
