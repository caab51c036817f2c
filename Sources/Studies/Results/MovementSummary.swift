package import Statistics

/// How far an arm's networks moved from their source models, over all pairs and seeds, regime full.
package struct MovementSummary: Sendable {
  /// A number of a movement.
  package enum Number: CaseIterable, Sendable {
    case backboneDrift, headDrift, backboneSimilarity, headSimilarity, retention

    package var title: String {
      switch self {
      case .backboneDrift: "drift of the backbone"
      case .headDrift: "drift of the head"
      case .backboneSimilarity: "CKA of the backbone"
      case .headSimilarity: "CKA of the head"
      case .retention: "source accuracy, after − before"
      }
    }

    func value(of movement: Movement) -> Double? {
      switch self {
      case .backboneDrift: movement.mean(\.drift, inHead: false)
      case .headDrift: movement.mean(\.drift, inHead: true)
      case .backboneSimilarity: movement.mean(\.similarity, inHead: false)
      case .headSimilarity: movement.mean(\.similarity, inHead: true)
      case .retention: movement.retention?.change
      }
    }
  }

  /// Of one layer.
  package struct Layer: Sendable {
    package var path: String
    package var drift: Estimate?
    package var similarity: Estimate?
  }

  package var arm: String
  package var estimates: [Number: Estimate]
  package var layers: [Layer]

  /// - Returns: nil where nothing was measured.
  init?(_ arm: String, _ results: StudyResults, size: Int?) {
    self.arm = arm
    func means(_ value: (Movement) -> Double?) -> Estimate? {
      results.pairMeans { pair, seed in
        results.movement(.init(arm, from: pair.source, on: pair.target, size: size), seed: seed).flatMap(value)
      }.estimate
    }
    estimates = [:]
    for number in Number.allCases { estimates[number] = means(number.value) }
    guard !estimates.isEmpty else { return nil }
    var paths: [String] = []
    for (question, movement) in results.movements where question.arm == arm && question.regime == .full {
      // The longest list of layers holds them all: one arm's networks differ in their classifiers alone.
      if movement.layers.count > paths.count { paths = movement.layers.map(\.path) }
    }
    layers = paths.map { path in
      func layer(_ movement: Movement) -> Movement.Layer? { movement.layers.first { $0.path == path } }
      return Layer(path: path, drift: means { layer($0)?.drift }, similarity: means { layer($0)?.similarity })
    }
  }

  /// One arm's number less another's, paired by pair and seed.
  package struct Contrast: Sendable {
    package var number: Number
    package var interval: Interval
  }

  /// Of the numbers that both arms have.
  static func contrasts(_ first: String, _ second: String, _ results: StudyResults, size: Int?) -> [Contrast] {
    Number.allCases.compactMap { number in
      let means = results.pairMeans { pair, seed in
        let values = [first, second].compactMap {
          results.movement(.init($0, from: pair.source, on: pair.target, size: size), seed: seed)
            .flatMap(number.value)
        }
        return values.count == 2 ? values[0] - values[1] : nil
      }
      return means.interval.map { Contrast(number: number, interval: $0) }
    }
  }
}
