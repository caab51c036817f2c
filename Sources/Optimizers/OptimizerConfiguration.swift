import Support
import Tensors
/// The optimizer of a run: its update rule, and what holds for every rule.
package struct OptimizerConfiguration: Codable, Sendable, Equatable {
  /// An update rule's name.
  package enum Kind: String, Codable, Sendable, CaseIterable { case sgd, adamw }

  /// An update rule with what is its own.
  package enum Rule: Sendable, Equatable {
    case sgd(SGD.Configuration)
    case adamw(AdamW.Configuration)
  }

  package var rule: Rule
  /// The base learning rate that the schedule and the groups scale.
  package var learningRate: Double
  /// Of SGD added to the gradient (L2), of AdamW taken off the weight (decoupled).
  package var weightDecay: Double
  /// The largest global L2 norm of all gradients; `nil` does not clip.
  package var clip: Double?
  /// Gradient accumulation steps: the number of equal parts of a batch, whose mean gradient makes one step.
  package var accumulate = 1
  package var groups: [OptimizerGroup] = []

  /// The defaults of a rule: learning rate and weight decay 0.01 and 0 for SGD, 0.001 and 0.01 (torch's) for AdamW.
  package init(_ rule: Rule = .sgd(SGD.Configuration())) {
    self.rule = rule
    (learningRate, weightDecay) =
      switch rule {
      case .sgd: (0.01, 0)
      case .adamw: (0.001, 0.01)
      }
  }

  /// The learning rate and weight decay multipliers of a parameter.
  package func multipliers(of name: String) -> (learningRate: Double, weightDecay: Double) {
    groups.last { NamePattern($0.match).matches(name) }
      .map { ($0.learningRateMultiplier, $0.weightDecayMultiplier) } ?? (1, 1)
  }

  /// What is added to the norm that a clipped gradient is divided by: torch's 1e-6, or Caffe's 0.
  var clippingEpsilon: Double {
    if case .sgd(let sgd) = rule, sgd.convention == .caffe { return 0 }
    return 1e-6
  }

  /// What is wrong with the numbers, or `nil`.
  package var problem: String? {
    if !(learningRate >= 0 && learningRate.isFinite) {
      return "optimizer.learningRate is \(learningRate); expected a finite number, 0 or more"
    }
    if !(weightDecay >= 0 && weightDecay.isFinite) {
      return "optimizer.weightDecay is \(weightDecay); expected a finite number, 0 or more"
    }
    if let clip, !(clip > 0) { return "optimizer.clip is \(clip); expected more than 0, or null for no clipping" }
    if !(1...65_536).contains(accumulate) { return "optimizer.accumulate is \(accumulate); expected 1 to 65536" }
    return groups.lazy.compactMap(\.problem).first ?? rule.problem
  }
}

extension OptimizerConfiguration {
  private enum CodingKeys: String, CodingKey {
    case kind, learningRate, weightDecay, clip, accumulate, groups
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(try Rule(values.decodeIfPresent(Kind.self, forKey: .kind) ?? .sgd, from: decoder))
    learningRate = try values.decodeIfPresent(Double.self, forKey: .learningRate) ?? learningRate
    weightDecay = try values.decodeIfPresent(Double.self, forKey: .weightDecay) ?? weightDecay
    clip = try values.decodeIfPresent(Double.self, forKey: .clip)
    accumulate = try values.decodeIfPresent(Int.self, forKey: .accumulate) ?? accumulate
    groups = try values.decodeIfPresent([OptimizerGroup].self, forKey: .groups) ?? groups
  }

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
