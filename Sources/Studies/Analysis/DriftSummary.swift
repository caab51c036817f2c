internal import Layers
package import Statistics

/// The weight drift of an arm's networks from their source models, over all pairs and seeds, regime full.
package struct DriftSummary: Sendable {
  /// A number of a drift.
  package enum Number: CaseIterable, Sendable {
    case backboneDrift, headDrift, backboneSimilarity, headSimilarity, forgetting

    /// The measure in words, for tables.
    package var title: String {
      switch self {
      case .backboneDrift: "drift of the backbone"
      case .headDrift: "drift of the head"
      case .backboneSimilarity: "CKA of the backbone"
      case .headSimilarity: "CKA of the head"
      case .forgetting: "source accuracy, after − before"
      }
    }

    func value(of drift: Drift) -> Double? {
      switch self {
      case .backboneDrift: drift.mean(\.weightDrift, inHead: false)
      case .headDrift: drift.mean(\.weightDrift, inHead: true)
      case .backboneSimilarity: drift.mean(\.similarity, inHead: false)
      case .headSimilarity: drift.mean(\.similarity, inHead: true)
      case .forgetting: drift.forgetting?.change
      }
    }
  }

  /// The drift of one layer.
  package struct Layer: Sendable {
    /// The layer's path, such as `features.conv1_1`.
    package var path: String
    /// ‖w − w₀‖ / ‖w₀‖; nil where w₀ was new in every run.
    package var weightDrift: Estimate?
    /// CKA with the source model's activations; nil where the source model has no such layer.
    package var similarity: Estimate?
  }

  /// The arm's name.
  package var arm: String
  /// Means over pairs, then over seeds; without numbers that no run has.
  package var estimates: [Number: Estimate]
  /// The layers in the network's order.
  package var layers: [Layer]

  /// - Returns: nil where nothing was measured.
  init?(_ arm: String, _ results: StudyResults, size: Int?) {
    self.arm = arm
    func means(_ value: (Drift) -> Double?) -> Estimate? {
      results.pairMeans { pair, seed in
        results.drift(.init(arm, from: pair.source, on: pair.target, size: size), seed: seed).flatMap(value)
      }.estimate
    }
    estimates = [:]
    for number in Number.allCases { estimates[number] = means(number.value) }
    guard !estimates.isEmpty else { return nil }
    var paths: [String] = []
    for (question, drift) in results.drifts where question.arm == arm && question.regime == .full {
      // The longest list of layers holds them all: one arm's networks differ in their classifiers alone.
      if drift.layers.count > paths.count { paths = drift.layers.map(\.path) }
    }
    layers = paths.map { path in
      func layer(_ drift: Drift) -> Drift.Layer? { drift.layers.first { $0.path == path } }
      return Layer(
        path: path, weightDrift: means { layer($0)?.weightDrift }, similarity: means { layer($0)?.similarity })
    }
  }

  /// The difference of a measure between two arms, paired by pair and seed.
  package struct Contrast: Sendable {
    /// What is compared.
    package var number: Number
    /// The first arm's minus the second's, over seeds.
    package var interval: Interval
  }

  /// Of the numbers that both arms have.
  static func contrasts(_ first: String, _ second: String, _ results: StudyResults, size: Int?) -> [Contrast] {
    Number.allCases.compactMap { number in
      let means = results.pairMeans { pair, seed in
        let values = [first, second].compactMap {
          results.drift(.init($0, from: pair.source, on: pair.target, size: size), seed: seed)
            .flatMap(number.value)
        }
        return values.count == 2 ? values[0] - values[1] : nil
      }
      return means.interval.map { Contrast(number: number, interval: $0) }
    }
  }
}
