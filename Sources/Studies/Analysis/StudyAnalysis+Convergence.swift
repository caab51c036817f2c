package import Statistics
internal import Support
internal import Training

extension StudyAnalysis {
  /// Whether an arm was trained out at the primary size, pretrained or from scratch.
  package struct Convergence: Sendable, Equatable {
    /// The arm's name.
    package var arm: String
    /// Whether it is trained from scratch.
    package var start: Start
    /// Conditions whose search has ended: an arm on a target, pretrained on each source.
    package var conditions: Int
    /// Those in which the last allowed doubling of epochs still gained more than its error.
    package var open: Int
    /// The gain of this doubling in the metric that selects, 0 where the search ended by itself; the mean over conditions, by
    /// seed. nil at fewer than two seeds that search.
    package var interval: Interval?

    /// Whether longer training would still gain significantly; with a single seed, whether any condition was open.
    package var isOpen: Bool { interval.map { $0.lower > 0 } ?? (open > 0) }

    /// `gap from scratch (5 of 6 searches; the last doubling of epochs gained +3.2 (+1.1 to +5.3) percentage points)`.
    package var text: String {
      let gain = interval.map { "; the last doubling of epochs gained \($0.points) percentage points" } ?? ""
      return "\(arm) \(start == .scratch ? "from scratch" : "pretrained") (\(open) of \(conditions) searches\(gain))"
    }
  }

  /// Of every arm, in the order of the study's file.
  static func convergence(of results: StudyResults, size: Int?) -> [Convergence] {
    let study = results.study
    return study.arms.map(\.name).flatMap { arm in
      Start.allCases.compactMap { start -> Convergence? in
        let sources = start == .scratch ? [nil] : study.sources.map { Optional($0.name) }
        let conditions = study.targets.flatMap { target in
          sources.map { StudyResults.Condition(arm, from: $0, on: target.name, size: size) }
        }
        // By condition, then by seed.
        let gains = conditions.compactMap { condition -> [Double]? in
          let known = study.searchingSeeds.compactMap { results.openGains[condition.question(seed: $0)] }
          return known.count == study.searchingSeeds.count ? known : nil
        }
        guard !gains.isEmpty else { return nil }
        let means = study.searchingSeeds.indices.map { seed in
          gains.reduce(0) { $0 + $1[seed] } / Double(gains.count)
        }
        return Convergence(
          arm: arm, start: start, conditions: gains.count, open: gains.count { $0.contains { $0 != 0 } },
          interval: Interval(mean: means))
      }
    }
  }

  /// Those that had not converged among some arms, and among the arms whose runs from scratch stand for theirs.
  static func open(_ all: [Convergence], among arms: [String], _ results: StudyResults) -> [Convergence] {
    let scratch = results.study.arms.filter { arms.contains($0.name) }.compactMap(results.study.scratchArm)
    return all.filter { $0.isOpen && ($0.start == .scratch ? scratch : arms).contains($0.arm) }
  }

  /// What the verdict waits for: the arms of Δ that had not converged.
  package var waiting: [Convergence] {
    arms.map { Self.open(convergence, among: [$0.first, $0.second], results) } ?? []
  }

  /// The arms that had not converged, and what to do; nil where all had.
  package var unconverged: String? {
    let open = convergence.filter(\.isOpen)
    guard !open.isEmpty else { return nil }
    return "Not trained out: \(open.map(\.text).joined(separator: ", ")). Raise search.doublings "
      + "(\(results.study.search.doublings)); only these searches go on."
  }
}
