internal import Statistics

/// A search for the learning rate at the first number of epochs, then for the number of epochs at this rate: it is doubled
/// while that gains more than its error.
package struct SettingSearch: Sendable {
  /// The search for the learning rate.
  package var rates: LearningRateSearch
  /// The first number of epochs.
  package var epochs: Int
  /// How often it may be doubled.
  package var doublings: Int

  /// - Parameter epochs: the first number of epochs.
  package init(rates: LearningRateSearch, epochs: Int, doublings: Int) {
    (self.rates, self.epochs, self.doublings) = (rates, epochs, doublings)
  }

  /// The state of a search.
  package struct State: Sendable, Equatable {
    /// The settings tried so far: learning rates in ascending order, then more epochs.
    package var tried: [Setting]
    /// The chosen setting; nil until the search has ended.
    package var chosen: Setting?
    /// Whether the chosen learning rate lies inside the tried ones.
    package var isInside: Bool
    /// The gain of the last doubling by trial, where it was above its error and no further one was allowed; empty where the
    /// search ended by itself or nothing was doubled.
    package var openGain: [Double]

    /// A state that is known.
    package init(tried: [Setting], chosen: Setting? = nil, isInside: Bool = false, openGain: [Double] = []) {
      (self.tried, self.chosen, self.isInside, self.openGain) = (tried, chosen, isInside, openGain)
    }

    /// The learning rates that were tried, up to the chosen one, the largest first.
    package var fallbacks: [Double] {
      guard let chosen else { return [] }
      return Set(tried.map(\.learningRate)).filter { $0 <= chosen.learningRate }.sorted(by: >)
    }
  }

  /// The state of the search.
  /// - Parameter score: the score of a setting; nil while it is unknown.
  package func state(score: (Setting) throws -> SettingScore?) rethrows -> State {
    var scores: [Double: SettingScore] = [:]
    let first = try rates.state(
      isKnown: { rate in
        scores[rate] = try score(Setting(learningRate: rate, epochs: epochs))
        return scores[rate] != nil
      },
      isBetter: { a, b in
        guard let first = scores[a], let second = scores[b] else { return false }
        return first.isBetter(at: a, than: second, at: b)
      })
    var tried = first.tried.map { Setting(learningRate: $0, epochs: epochs) }
    guard let rate = first.best, var best = scores[rate] else { return State(tried: tried) }
    var chosen = Setting(learningRate: rate, epochs: epochs)
    var gain: [Double] = []
    for _ in 0..<(best.hasDiverged ? 0 : doublings) {
      let longer = Setting(learningRate: rate, epochs: 2 * chosen.epochs)
      tried.append(longer)
      guard let after = try score(longer) else { return State(tried: tried) }
      gain = after.gain(over: best)
      guard Self.isAboveError(gain) else { return State(tried: tried, chosen: chosen, isInside: first.isInside) }
      (chosen, best) = (longer, after)
    }
    return State(tried: tried, chosen: chosen, isInside: first.isInside, openGain: gain)
  }

  /// Whether the mean over trials is above its standard error; of a single trial, whether it is above 0.
  package static func isAboveError(_ gain: [Double]) -> Bool {
    Estimate(gain).map { $0.mean > $0.standardError ?? 0 } ?? false
  }
}
