internal import Layers
package import Support

/// What stays as it is in training: the layers of a role, or the parameters that a name pattern matches.
///
/// In a configuration it is one word: `backbone`, `hidden`, `classifier`, or a pattern such as `features.*`. A pattern
/// always has a dot or a star, so the two cannot be confused.
package enum FreezeRule: Sendable, Equatable {
  case role(LayerRole)
  case names(NamePattern)

  /// The rule that a word stands for; `nil` where it is no role and no pattern.
  package init?(word text: String) {
    if let role = LayerRole(rawValue: text) {
      self = .role(role)
    } else if text.contains(".") || text.contains("*") {
      self = .names(NamePattern(text))
    } else {
      return nil
    }
  }

  /// The pattern of names, where it is one: it must fit a parameter, while a role may have no layer in a network.
  package var pattern: NamePattern? { if case .names(let pattern) = self { pattern } else { nil } }

  /// Whether the rule freezes a parameter of a layer.
  package func freezes(_ parameter: String, of layer: Network.Layer) -> Bool {
    switch self {
    case .role(let role): layer.role == role
    case .names(let pattern): pattern.matches(parameter)
    }
  }
}

extension FreezeRule: CustomStringConvertible {
  package var description: String {
    switch self {
    case .role(let role): role.rawValue
    case .names(let pattern): pattern.text
    }
  }
}

extension FreezeRule: ExpressibleByStringLiteral {
  /// A rule in code; traps where the word is none.
  package init(stringLiteral text: String) {
    guard let rule = FreezeRule(word: text) else { preconditionFailure("FreezeRule: \(text) is no rule") }
    self = rule
  }
}

extension FreezeRule: Codable {
  package init(from decoder: any Decoder) throws {
    let values = try decoder.singleValueContainer()
    let text = try values.decode(String.self)
    guard let rule = FreezeRule(word: text) else {
      let roles = LayerRole.allCases.map(\.rawValue)
      let hint = nearest(to: text, among: roles).map { "; did you mean \"\($0)\"?" } ?? ""
      throw DecodingError.dataCorruptedError(
        in: values,
        debugDescription: "expected one of \(roles.joined(separator: ", ")), or a name pattern with . or *, found "
          + "\"\(text)\"\(hint)")
    }
    self = rule
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.singleValueContainer()
    try values.encode(description)
  }
}
