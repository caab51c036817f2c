package import Support
import Tensors

/// The `optimizer` section of a configuration: the update rule and the settings common to all rules.
package struct OptimizerConfiguration: Codable, Sendable, Equatable {
  /// The name of an update rule.
  package enum Kind: String, Codable, Sendable, CaseIterable { case sgd, adamw }

  /// An update rule with its own settings.
  package enum Rule: Sendable, Equatable {
    /// Stochastic gradient descent with momentum.
    case sgd(SGD.Configuration)
    /// Adam with decoupled weight decay.
    case adamw(AdamW.Configuration)
  }

  /// The update rule and its own settings.
  package var rule: Rule
  /// The base learning rate; the schedule and the groups scale it.
  package var learningRate: Double
  /// The weight decay: SGD adds it to the gradient (L2 penalty), AdamW shrinks the weight by it (decoupled).
  package var weightDecay: Double
  /// Gradient clipping: the largest global L2 norm of a step's gradients; `nil` for no clipping.
  package var clip: Double?
  /// Gradient accumulation steps: the number of equal parts of a batch whose mean gradient makes one step.
  package var accumulate = 1
  /// Multipliers of the learning rate and weight decay by parameter name; of several that match, the last counts.
  package var groups: [OptimizerGroup] = []

  /// A rule with its default learning rate and weight decay: 0.01 and 0 for SGD, 0.001 and 0.01 (torch's) for AdamW.
  package init(_ rule: Rule = .sgd(SGD.Configuration())) {
    self.rule = rule
    (learningRate, weightDecay) =
      switch rule {
      case .sgd: (0.01, 0)
      case .adamw: (0.001, 0.01)
      }
  }

  /// The multipliers of a parameter: those of the last group that matches its name, or 1 and 1.
  package func multipliers(of name: String) -> (learningRate: Double, weightDecay: Double) {
    groups.last { NamePattern($0.match).matches(name) }
      .map { ($0.learningRateMultiplier, $0.weightDecayMultiplier) } ?? (1, 1)
  }

  /// ε in the clipping factor limit / (norm + ε): 1e-6 as in torch, or 0 as in Caffe.
  var clippingEpsilon: Double {
    if case .sgd(let sgd) = rule, sgd.convention == .caffe { return 0 }
    return 1e-6
  }

  /// The first setting out of range; `nil` if all are valid.
  package var problem: KeyProblem? {
    if !(learningRate >= 0 && learningRate.isFinite) {
      return KeyProblem("optimizer.learningRate", "is \(learningRate); expected a finite number, 0 or more")
    }
    if !(weightDecay >= 0 && weightDecay.isFinite) {
      return KeyProblem("optimizer.weightDecay", "is \(weightDecay); expected a finite number, 0 or more")
    }
    if let clip, !(clip > 0) {
      return KeyProblem("optimizer.clip", "is \(clip); expected more than 0, or null for no clipping")
    }
    if !(1...65_536).contains(accumulate) {
      return KeyProblem("optimizer.accumulate", "is \(accumulate); expected 1 to 65536")
    }
    return groups.lazy.compactMap(\.problem).first ?? rule.problem
  }
}

extension OptimizerConfiguration {
  private enum CodingKeys: String, CodingKey, OtherNames {
    case kind, learningRate, weightDecay, clip, accumulate, groups

    static var otherNames: [String: String] {
      [
        "rate": "learningRate", "lr": "learningRate", "decay": "weightDecay", "parts": "accumulate",
        "name": "kind", "type": "kind",
      ]
    }
  }

  /// Decodes the section; missing keys have the defaults of the rule.
  ///
  /// - Throws: `DecodingError` for a value of the wrong type, or a key of another rule.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try Rule(values.decodeIfPresent(Kind.self, forKey: .kind) ?? .sgd, from: decoder))
    learningRate = try values.decodeIfPresent(Double.self, forKey: .learningRate) ?? learningRate
    weightDecay = try values.decodeIfPresent(Double.self, forKey: .weightDecay) ?? weightDecay
    clip = try values.decodeIfPresent(Double.self, forKey: .clip)
    accumulate = try values.decodeIfPresent(Int.self, forKey: .accumulate) ?? accumulate
    groups = try values.decodeIfPresent([OptimizerGroup].self, forKey: .groups) ?? groups
  }

  /// Encodes every setting, those of the rule in the same mapping.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(rule.kind, forKey: .kind)
    try values.encode(learningRate, forKey: .learningRate)
    try values.encode(weightDecay, forKey: .weightDecay)
    try rule.encode(to: encoder)
    try values.encodeIfPresent(clip, forKey: .clip)
    try values.encode(accumulate, forKey: .accumulate)
    try values.encode(groups, forKey: .groups)
  }
}
