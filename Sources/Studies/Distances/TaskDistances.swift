/// Task distances: how little a source model's predictions tell about a target's labels, before fine-tuning.
package struct TaskDistances: Codable, Sendable, Equatable {
  /// The distance from a source's task to a target's.
  package struct Pair: Codable, Sendable, Equatable {
    /// The source's domain.
    package var source: String
    /// The target's domain.
    package var target: String
    /// LEEP by seed of the source model: at most 0, and about −H(target's classes) for an uninformative source.
    package var scores: [Double]

    /// A pair that was measured.
    package init(source: String, target: String, scores: [Double]) {
      (self.source, self.target, self.scores) = (source, target, scores)
    }

    /// −LEEP, the mean over seeds, in nats.
    package var distance: Double { -scores.reduce(0, +) / Double(max(scores.count, 1)) }
  }

  /// The key of the measurement's inputs; with another key it is repeated.
  package var key: String
  /// Every available source model's domain with every target.
  package var pairs: [Pair]

  /// Distances that were measured.
  package init(key: String, pairs: [Pair]) { (self.key, self.pairs) = (key, pairs) }

  /// The distance of a pair; nil if it was not measured.
  package subscript(source: String, target: String) -> Pair? {
    pairs.first { $0.source == source && $0.target == target }
  }
}
