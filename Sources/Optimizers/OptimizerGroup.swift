/// Multipliers for the parameters whose names fit a pattern; of several that fit, the last one counts.
package struct OptimizerGroup: Codable, Sendable, Equatable {
  /// Names such as `*.bias` or `head.*`.
  package var match: String
  package var learningRateMultiplier: Double
  package var weightDecayMultiplier: Double

  package init(match: String, learningRateMultiplier: Double = 1, weightDecayMultiplier: Double = 1) {
    self.match = match
    self.learningRateMultiplier = learningRateMultiplier
    self.weightDecayMultiplier = weightDecayMultiplier
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      match: try values.decode(String.self, forKey: .match),
      learningRateMultiplier: try values.decodeIfPresent(Double.self, forKey: .learningRateMultiplier) ?? 1,
      weightDecayMultiplier: try values.decodeIfPresent(Double.self, forKey: .weightDecayMultiplier) ?? 1)
  }

  enum CodingKeys: String, CodingKey { case match, learningRateMultiplier, weightDecayMultiplier }

  /// What is wrong with the numbers, or `nil`.
  var problem: String? {
    for (key, multiplier) in [
      ("learningRateMultiplier", learningRateMultiplier), ("weightDecayMultiplier", weightDecayMultiplier),
    ] where !(multiplier >= 0 && multiplier.isFinite) {
      return "optimizer.groups has \(key) \(multiplier) for \(match); expected a finite number, 0 or more"
    }
    return nil
  }
}
