#if canImport(Glibc)
  internal import Glibc
#endif

/// A search for the best of a few learning rates, extended beyond the end where the best one lies.
package struct LearningRateSearch: Sendable, Equatable {
  /// The first grid, in ascending order.
  package var rates: [Double]
  /// The number of learning rates that may be added.
  package var extensions: Int

  /// - Parameter rates: the first grid, in any order.
  package init(rates: [Double], extensions: Int) { (self.rates, self.extensions) = (rates.sorted(), extensions) }

  /// The learning rates tried so far, and the best one once all are known and none is to be added.
  package struct State: Sendable, Equatable {
    /// The learning rates tried, in ascending order.
    package var tried: [Double]
    /// The best learning rate; nil until the search has ended.
    package var best: Double?
    /// Whether the best learning rate lies inside the tried ones.
    package var isInside: Bool

    /// A state that is known.
    package init(tried: [Double], best: Double? = nil, isInside: Bool = false) {
      (self.tried, self.best, self.isInside) = (tried, best, isInside)
    }
  }

  /// The state of the search.
  /// - Parameter isBetter: whether one learning rate scored better than another; nil if either is unknown yet.
  package func state(isKnown: (Double) throws -> Bool, isBetter: (Double, Double) -> Bool) rethrows -> State {
    var tried = rates
    var left = extensions
    while true {
      guard try tried.allSatisfy(isKnown), var best = tried.first else { return State(tried: tried) }
      for rate in tried.dropFirst() where isBetter(rate, best) { best = rate }
      let isInside = best != tried.first && best != tried.last
      guard !isInside, left > 0, tried.count > 1 else { return State(tried: tried, best: best, isInside: isInside) }
      left -= 1
      let count = tried.count
      if best == tried[0] {
        tried.insert(Self.rounded(tried[0] * tried[0] / tried[1]), at: 0)
      } else {
        tried.append(Self.rounded(tried[count - 1] * tried[count - 1] / tried[count - 2]))
      }
    }
  }

  /// Rounded to two digits, so that a learning rate has a short name.
  static func rounded(_ rate: Double) -> Double {
    let digits = 1 - Int(floor(log10(rate)))
    return digits >= 0
      ? (rate * pow(10, Double(digits))).rounded() / pow(10, Double(digits))
      : (rate / pow(10, Double(-digits))).rounded() * pow(10, Double(-digits))
  }
}
