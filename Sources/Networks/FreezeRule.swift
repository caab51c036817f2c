internal import Layers
package import Support

/// Freezes parameters: those of the layers of a role, or those whose name matches a pattern.
///
/// In a configuration it is one word: `backbone`, `hidden`, `classifier`, or a pattern such as `features.*`. A pattern
/// contains a dot or a star, which no role does.
package enum FreezeRule: Sendable, Equatable {
  /// All parameters of the layers of a role.
  case role(LayerRole)
  /// The parameters whose full name matches.
  case names(NamePattern)

  /// The rule of a word; `nil` if it is neither a role nor a pattern.
  package init?(word text: String) {
    if let role = LayerRole(rawValue: text) {
      self = .role(role)
    } else if text.contains(".") || text.contains("*") {
      self = .names(NamePattern(text))
    } else {
      return nil
    }
  }

  /// The name pattern, if the rule is one. A pattern must match a parameter; a role may have no layer.
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
  /// The word in a configuration.
  package var description: String {
    switch self {
    case .role(let role): role.rawValue
    case .names(let pattern): pattern.text
    }
  }
}

extension FreezeRule: ExpressibleByStringLiteral {
  /// A rule in code; traps if the word is not a rule.
  package init(stringLiteral text: String) {
    guard let rule = FreezeRule(word: text) else { preconditionFailure("FreezeRule: \(text) is not a rule") }
    self = rule
  }
}

extension FreezeRule: Codable {
  /// Decodes a word.
  ///
  /// - Throws: `DecodingError`, with the most similar role, if it is not a rule.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.singleValueContainer()
    let text = try values.decode(String.self)
    guard let rule = FreezeRule(word: text) else {
      let roles = LayerRole.allCases.map(\.rawValue)
      let hint =
        text == "head"
        ? "; the head is hidden and classifier"
        : nearest(to: text, among: roles).map { "; did you mean \"\($0)\"?" } ?? ""
      throw DecodingError.dataCorruptedError(
        in: values,
        debugDescription: "expected one of \(roles.joined(separator: ", ")), or a name pattern with . or *, found "
          + "\"\(text)\"\(hint)")
    }
    self = rule
  }

  /// Encodes the word.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.singleValueContainer()
    try values.encode(description)
  }
}
