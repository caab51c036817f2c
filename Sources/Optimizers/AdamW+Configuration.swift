extension AdamW {
  /// What is AdamW's own of an optimizer's configuration; the defaults are torch's.
  package struct Configuration: Codable, Sendable, Equatable {
    /// How much of the first moment is kept at each step.
    package var beta1 = 0.9
    /// How much of the second moment is kept at each step.
    package var beta2 = 0.999
    /// What is added to the root of the second moment.
    package var epsilon = 1e-8

    package init() {}

    enum CodingKeys: String, CodingKey { case beta1, beta2, epsilon }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      beta1 = try values.decodeIfPresent(Double.self, forKey: .beta1) ?? beta1
      beta2 = try values.decodeIfPresent(Double.self, forKey: .beta2) ?? beta2
      epsilon = try values.decodeIfPresent(Double.self, forKey: .epsilon) ?? epsilon
    }

    /// What is wrong with the numbers, or `nil`.
    package var problem: String? {
      for (key, beta) in [("beta1", beta1), ("beta2", beta2)] where !(beta >= 0 && beta < 1) {
        return "optimizer.\(key) is \(beta); expected 0 or more and below 1"
      }
      if !(epsilon > 0 && epsilon.isFinite) {
        return "optimizer.epsilon is \(epsilon); expected a finite number above 0"
      }
      return nil
    }
  }
}
