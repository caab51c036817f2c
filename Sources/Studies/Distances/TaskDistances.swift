/// How little a source model's classes say of a target's, before any training there.
package struct TaskDistances: Codable, Sendable, Equatable {
  package struct Pair: Codable, Sendable, Equatable {
    package var source: String
    package var target: String
    /// LEEP by seed of the source model: at most 0, and about −H(target's classes) where the source says nothing.
    package var scores: [Double]

    package init(source: String, target: String, scores: [Double]) {
      (self.source, self.target, self.scores) = (source, target, scores)
    }

    /// −LEEP, the mean over seeds, in nats.
    package var distance: Double { -scores.reduce(0, +) / Double(max(scores.count, 1)) }
  }

  /// What the measurement depends on; with another key it is made anew.
  package var key: String
  package var pairs: [Pair]

  package init(key: String, pairs: [Pair]) { (self.key, self.pairs) = (key, pairs) }

  package subscript(source: String, target: String) -> Pair? {
    pairs.first { $0.source == source && $0.target == target }
  }
}
