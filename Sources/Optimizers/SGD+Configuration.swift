internal import Support
import Tensors

extension SGD {
  /// Whose formulas are followed where frameworks differ; see `MomentumUpdate`.
  package enum Convention: String, Codable, Sendable, CaseIterable {
    /// The rate scales the velocity when it is applied; the default.
    case torch
    /// The rate is part of the velocity, so a change of rate shows only in what is added from then on.
    case caffe
  }

  /// Multipliers for the parameters whose names fit a pattern; of several that fit, the last one counts.
  package struct Group: Codable, Sendable, Equatable {
    /// Names such as `*.bias` or `head.*`.
    package var match: String
    package var rate: Double
    package var decay: Double

    package init(match: String, rate: Double = 1, decay: Double = 1) {
      self.match = match
      self.rate = rate
      self.decay = decay
    }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        match: try values.decode(String.self, forKey: .match),
        rate: try values.decodeIfPresent(Double.self, forKey: .rate) ?? 1,
        decay: try values.decodeIfPresent(Double.self, forKey: .decay) ?? 1)
    }

    enum CodingKeys: String, CodingKey { case match, rate, decay }
  }

  /// Every knob of the optimizer.
  package struct Configuration: Codable, Sendable, Equatable {
    package var convention: Convention = .torch
    /// The base rate that the schedule and the groups scale.
    package var rate = 0.01
    package var momentum = 0.9
    /// What is taken off a gradient before it enters the velocity; torch's convention alone.
    package var dampening = 0.0
    package var nesterov = false
    /// L2 decay, added to the gradient.
    package var decay = 0.0
    /// The largest global L2 norm of all gradients; `nil` does not clip.
    package var clip: Double?
    /// The number of equal parts that a batch is worked through in; their mean gradient makes one step.
    package var accumulate = 1
    package var groups: [Group] = []

    package init() {}

    enum CodingKeys: String, CodingKey {
      case convention, rate, momentum, dampening, nesterov, decay, clip, accumulate, groups
    }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      convention = try values.decodeIfPresent(Convention.self, forKey: .convention) ?? convention
      rate = try values.decodeIfPresent(Double.self, forKey: .rate) ?? rate
      momentum = try values.decodeIfPresent(Double.self, forKey: .momentum) ?? momentum
      dampening = try values.decodeIfPresent(Double.self, forKey: .dampening) ?? dampening
      nesterov = try values.decodeIfPresent(Bool.self, forKey: .nesterov) ?? nesterov
      decay = try values.decodeIfPresent(Double.self, forKey: .decay) ?? decay
      clip = try values.decodeIfPresent(Double.self, forKey: .clip)
      accumulate = try values.decodeIfPresent(Int.self, forKey: .accumulate) ?? accumulate
      groups = try values.decodeIfPresent([Group].self, forKey: .groups) ?? groups
    }

    /// The rate and decay multipliers of a parameter.
    package func multipliers(of name: String) -> (rate: Double, decay: Double) {
      groups.last { NamePattern($0.match).matches(name) }.map { ($0.rate, $0.decay) } ?? (1, 1)
    }

    /// What is wrong with the numbers, or `nil`.
    package var problem: String? {
      if !(rate >= 0 && rate.isFinite) { return "optimizer.rate is \(rate); expected a finite number, 0 or more" }
      if !(momentum >= 0 && momentum < 1) { return "optimizer.momentum is \(momentum); expected 0 or more and below 1" }
      if !(decay >= 0 && decay.isFinite) { return "optimizer.decay is \(decay); expected a finite number, 0 or more" }
      if let clip, !(clip > 0) { return "optimizer.clip is \(clip); expected more than 0, or null for no clipping" }
      if !(1...65_536).contains(accumulate) { return "optimizer.accumulate is \(accumulate); expected 1 to 65536" }
      if let group = groups.first(where: { !($0.rate >= 0 && $0.rate.isFinite && $0.decay >= 0 && $0.decay.isFinite) })
      {
        return "optimizer.groups has rate \(group.rate) and decay \(group.decay) for \(group.match); expected 0 or more"
      }
      if !(dampening >= 0 && dampening <= 1) { return "optimizer.dampening is \(dampening); expected 0 to 1" }
      if convention == .caffe && dampening != 0 {
        return "optimizer.dampening is torch's; with convention caffe leave it 0"
      }
      if nesterov && (momentum == 0 || dampening != 0) {
        return "optimizer.nesterov needs a momentum above 0 and no dampening"
      }
      return nil
    }
  }
}
