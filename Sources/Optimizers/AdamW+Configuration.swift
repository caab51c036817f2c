package import Support

extension AdamW {
  /// The settings of AdamW alone; the defaults are torch's.
  package struct Configuration: Codable, Sendable, Equatable {
    /// β₁, the share of the first moment that is kept at each step, in [0, 1).
    package var beta1 = 0.9
    /// β₂, the share of the second moment that is kept at each step, in [0, 1).
    package var beta2 = 0.999
    /// ε, added to the root of the second moment.
    package var epsilon = 1e-8

    /// torch's defaults.
    package init() {}

    enum CodingKeys: String, CodingKey { case beta1, beta2, epsilon }

    /// Decodes the keys that are there.
    ///
    /// - Throws: `DecodingError` for a value of the wrong type.
    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      beta1 = try values.decodeIfPresent(Double.self, forKey: .beta1) ?? beta1
      beta2 = try values.decodeIfPresent(Double.self, forKey: .beta2) ?? beta2
      epsilon = try values.decodeIfPresent(Double.self, forKey: .epsilon) ?? epsilon
    }

    /// The first setting out of range; `nil` if all are valid.
    package var problem: KeyProblem? {
      for (key, beta) in [("beta1", beta1), ("beta2", beta2)] where !(beta >= 0 && beta < 1) {
        return KeyProblem("optimizer.\(key)", "is \(beta); expected 0 or more and below 1")
      }
      if !(epsilon > 0 && epsilon.isFinite) {
        return KeyProblem("optimizer.epsilon", "is \(epsilon); expected a finite number above 0")
      }
      return nil
    }
  }
}
