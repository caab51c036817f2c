extension SGD {
  /// Whose formulas are followed where frameworks differ; see `MomentumUpdate`.
  package enum Convention: String, Codable, Sendable, CaseIterable {
    /// The learning rate scales the velocity when it is applied; the default.
    case torch
    /// The learning rate is part of the velocity, so a change of it shows only in what is added from then on.
    case caffe
  }

  /// What is SGD's own of an optimizer's configuration.
  package struct Configuration: Codable, Sendable, Equatable {
    package var convention: Convention = .torch
    package var momentum = 0.9
    /// What is taken off a gradient before it enters the velocity; torch's convention alone.
    package var dampening = 0.0
    package var nesterov = false

    package init() {}

    enum CodingKeys: String, CodingKey { case convention, momentum, dampening, nesterov }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      convention = try values.decodeIfPresent(Convention.self, forKey: .convention) ?? convention
      momentum = try values.decodeIfPresent(Double.self, forKey: .momentum) ?? momentum
      dampening = try values.decodeIfPresent(Double.self, forKey: .dampening) ?? dampening
      nesterov = try values.decodeIfPresent(Bool.self, forKey: .nesterov) ?? nesterov
    }

    /// What is wrong with the numbers, or `nil`.
    package var problem: String? {
      if !(momentum >= 0 && momentum < 1) { return "optimizer.momentum is \(momentum); expected 0 or more and below 1" }
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
