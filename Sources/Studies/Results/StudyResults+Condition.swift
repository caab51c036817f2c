extension StudyResults {
  /// An arm in a regime on a pair of domains at a size; without a source, from scratch.
  package struct Condition: Sendable, Hashable {
    package var arm: String
    package var regime: Regime
    package var source: String?
    package var target: String
    package var size: Int?

    package init(_ arm: String, regime: Regime = .full, from source: String?, on target: String, size: Int? = nil) {
      (self.arm, self.regime, self.source, self.target, self.size) = (arm, regime, source, target, size)
    }

    /// What is asked of the cell at a seed.
    package func question(seed: UInt64) -> Cell.Question {
      Cell.Question(arm: arm, regime: regime, source: source, target: target, size: size, seed: seed)
    }
  }
}
