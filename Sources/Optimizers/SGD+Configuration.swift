package import Support

extension SGD {
  /// The framework whose formulas SGD follows; see `MomentumUpdate`.
  package enum Convention: String, Codable, Sendable, CaseIterable {
    /// The learning rate scales the velocity at each update; the default.
    case torch
    /// The learning rate scales what enters the velocity: a change of it affects later gradients only.
    case caffe
  }

  /// The settings of SGD alone.
  package struct Configuration: Codable, Sendable, Equatable {
    /// The framework whose formulas are used.
    package var convention: Convention = .torch
    /// The share of the velocity that is kept at each step, in [0, 1).
    package var momentum = 0.9
    /// The share of a gradient that does not enter the velocity, in [0, 1]; torch's convention only.
    package var dampening = 0.0
    /// Nesterov momentum; needs momentum and no dampening.
    package var nesterov = false

    /// Momentum 0.9 in torch's convention.
    package init() {}

    enum CodingKeys: String, CodingKey { case convention, momentum, dampening, nesterov }

    /// Decodes the keys that are there.
    ///
    /// - Throws: `DecodingError` for a value of the wrong type.
    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      convention = try values.decodeIfPresent(Convention.self, forKey: .convention) ?? convention
      momentum = try values.decodeIfPresent(Double.self, forKey: .momentum) ?? momentum
      dampening = try values.decodeIfPresent(Double.self, forKey: .dampening) ?? dampening
      nesterov = try values.decodeIfPresent(Bool.self, forKey: .nesterov) ?? nesterov
    }

    /// The first setting out of range; `nil` if all are valid.
    package var problem: KeyProblem? {
      if !(momentum >= 0 && momentum < 1) {
        return KeyProblem("optimizer.momentum", "is \(momentum); expected 0 or more and below 1")
      }
      if !(dampening >= 0 && dampening <= 1) {
        return KeyProblem("optimizer.dampening", "is \(dampening); expected 0 to 1")
      }
      if convention == .caffe && dampening != 0 {
        return KeyProblem("optimizer.dampening", "is \(dampening); with convention caffe it must be 0")
      }
      if nesterov && (momentum == 0 || dampening != 0) {
        return KeyProblem("optimizer.nesterov", "needs a momentum above 0 and no dampening")
      }
      return nil
    }
  }
}
