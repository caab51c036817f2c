import Support

/// Multipliers for the parameters whose names match a pattern; of several groups that match, the last counts.
package struct OptimizerGroup: Codable, Sendable, Equatable {
  /// A name pattern such as `*.bias` or `head.*`.
  package var match: String
  /// Factor of the learning rate; 0 stops the parameter's updates.
  package var learningRateMultiplier: Double
  /// Factor of the weight decay; 0 for none.
  package var weightDecayMultiplier: Double

  /// A group; both multipliers are 1 by default.
  package init(match: String, learningRateMultiplier: Double = 1, weightDecayMultiplier: Double = 1) {
    self.match = match
    self.learningRateMultiplier = learningRateMultiplier
    self.weightDecayMultiplier = weightDecayMultiplier
  }

  /// Decodes `match` and, if given, the multipliers.
  ///
  /// - Throws: `DecodingError` for a missing pattern or a value of the wrong type.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      match: try values.decode(String.self, forKey: .match),
      learningRateMultiplier: try values.decodeIfPresent(Double.self, forKey: .learningRateMultiplier) ?? 1,
      weightDecayMultiplier: try values.decodeIfPresent(Double.self, forKey: .weightDecayMultiplier) ?? 1)
  }

  enum CodingKeys: String, CodingKey, OtherNames {
    case match, learningRateMultiplier, weightDecayMultiplier

    static var otherNames: [String: String] {
      ["rate": "learningRateMultiplier", "lr": "learningRateMultiplier", "decay": "weightDecayMultiplier"]
    }
  }

  /// The first multiplier out of range; `nil` if both are valid.
  var problem: KeyProblem? {
    for (key, multiplier) in [
      ("learningRateMultiplier", learningRateMultiplier), ("weightDecayMultiplier", weightDecayMultiplier),
    ] where !(multiplier >= 0 && multiplier.isFinite) {
      return KeyProblem(
        "optimizer.groups", "has \(key) \(multiplier) for \(match); expected a finite number, 0 or more")
    }
    return nil
  }
}
