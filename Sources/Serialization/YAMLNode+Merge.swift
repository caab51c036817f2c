extension YAMLNode {
  /// This tree with another merged over it: mappings are merged key by key, other values replaced.
  package func overlaid(with other: YAMLNode) -> YAMLNode {
    guard case .mapping(var entries) = content, case .mapping(let others) = other.content else {
      return other.isNull ? self : other
    }
    for entry in others {
      if let index = entries.firstIndex(where: { $0.key == entry.key }) {
        let isRemoval = entry.value.isNull
        entries[index].value = isRemoval ? entry.value : entries[index].value.overlaid(with: entry.value)
      } else {
        entries.append(entry)
      }
    }
    return YAMLNode(.mapping(entries), origin: origin)
  }

  /// Nested mappings with one value at the end of a path of keys.
  package init(_ path: String..., value: YAMLNode) {
    self = path.reversed().reduce(value) { YAMLNode(.mapping([Entry(key: $1, value: $0)]), origin: value.origin) }
  }

  /// A text, never read as a number, a boolean or null.
  package init(text: String) { self.init(.scalar(text, isPlain: false)) }

  /// A number.
  package init(number: some Numeric & CustomStringConvertible) { self.init(.scalar(number.description, isPlain: true)) }
}

/// A node as the value of a key: decoded later, its keys are not checked until then.
extension YAMLNode: Decodable {
  /// Takes the decoder's node as it is.
  ///
  /// - Throws: `DecodingError` for a decoder other than `StrictDecoder`'s.
  package init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? NodeDecoder else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a YAML node can only be decoded from YAML"))
    }
    self = decoder.node
  }
}
