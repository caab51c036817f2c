package import Statistics

extension StudyAnalysis {
  /// β over another axis than the primary descriptor's, of the same pairs; exploratory.
  package struct OtherSlope: Sendable {
    /// The kinds of distance.
    package enum Axis: Sendable, Equatable {
      case descriptor(Descriptor)
      /// −LEEP.
      case task

      /// The axis in words, for findings.
      package var label: String {
        switch self {
        case .descriptor(let descriptor): "Δ per unit of MMD² of \(descriptor.rawValue)"
        case .task: "Δ per nat of task distance"
        }
      }
    }

    /// The other axis.
    package var axis: Axis
    /// β over it.
    package var slope: Slope
  }

  /// The pairs that a verdict is on, those whose Δ every seed has, without targets that have nothing to protect, beside a
  /// distance by source and target; nil without any.
  /// - Parameter includesAll: whether pairs on which there is nothing to protect count too.
  static func effects(
    of pairs: [Pair], study: Study, includingAll includesAll: Bool = false, beside distance: (String, String) -> Double
  ) -> PairEffects? {
    let names = study.domains.map(\.name)
    let used = pairs.filter { $0.effects.count == study.seeds.count && ($0.isTransfer || includesAll) }.compactMap {
      pair in
      names.firstIndex(of: pair.source).flatMap { source in
        names.firstIndex(of: pair.target).map {
          PairEffects.Pair(source: source, target: $0, effects: pair.effects)
        }
      }
    }
    guard !used.isEmpty else { return nil }
    return PairEffects(pairs: used, distances: names.map { a in names.map { distance(a, $0) } })
  }

  static func otherSlopes(of pairs: [Pair], _ results: StudyResults) -> [OtherSlope] {
    let study = results.study
    func slope(_ axis: OtherSlope.Axis, _ distance: (Pair) -> Double?) -> OtherSlope? {
      let known = pairs.filter { distance($0) != nil }
      let effects = effects(of: known, study: study) { source, target in
        known.first { $0.source == source && $0.target == target }.flatMap(distance) ?? 0
      }
      return effects.flatMap { Slope($0) }.map { OtherSlope(axis: axis, slope: $0) }
    }
    let second = results.distances?.secondDescriptor.flatMap {
      slope(.descriptor($0)) { $0.distance?.second?.discrepancy }
    }
    return [second, slope(.task, \.taskDistance)].compactMap { $0 }
  }
}
