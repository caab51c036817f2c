import Support
import Tensors

extension OptimizerConfiguration.Rule {
  /// The rule's name.
  package var kind: OptimizerConfiguration.Kind {
    switch self {
    case .sgd: .sgd
    case .adamw: .adamw
    }
  }

  /// The number of state tensors of the parameter's shape that the rule keeps per parameter.
  package var stateTensors: Int {
    switch self {
    case .sgd: 1
    case .adamw: 2
    }
  }

  var problem: KeyProblem? {
    switch self {
    case .sgd(let sgd): sgd.problem
    case .adamw(let adamw): adamw.problem
    }
  }

  /// The rule for the parameters of these names, with an empty or a saved state.
  func updateRule(names: [String], state: Parameters) -> any UpdateRule {
    switch self {
    case .sgd(let configuration): SGD(configuration, names: names, state: state)
    case .adamw(let configuration): AdamW(configuration, names: names, state: state)
    }
  }

  /// Decodes the rule of a kind; its keys are in the same mapping as those common to all rules.
  ///
  /// - Throws: `DecodingError` for a key that belongs to another kind.
  init(_ kind: OptimizerConfiguration.Kind, from decoder: any Decoder) throws {
    switch kind {
    case .sgd:
      try Self.refuse(AdamW.Configuration.CodingKeys.self, of: .adamw, for: kind, in: decoder)
      self = .sgd(try SGD.Configuration(from: decoder))
    case .adamw:
      try Self.refuse(SGD.Configuration.CodingKeys.self, of: .sgd, for: kind, in: decoder)
      self = .adamw(try AdamW.Configuration(from: decoder))
    }
  }

  private static func refuse<Key: CodingKey>(
    _ keys: Key.Type, of other: OptimizerConfiguration.Kind, for kind: OptimizerConfiguration.Kind,
    in decoder: any Decoder
  ) throws {
    let values = try decoder.container(keyedBy: keys)
    guard let key = try values.allKeys.first(where: { try !values.decodeNil(forKey: $0) }) else { return }
    throw DecodingError.dataCorruptedError(
      forKey: key, in: values, debugDescription: "belongs to kind \(other.rawValue), and the kind is \(kind.rawValue)")
  }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .sgd(let configuration): try configuration.encode(to: encoder)
    case .adamw(let configuration): try configuration.encode(to: encoder)
    }
  }
}
