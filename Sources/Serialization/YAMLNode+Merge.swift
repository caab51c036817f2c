extension YAMLNode {
  /// This tree with another laid over it: mappings are joined key by key, anything else is replaced.
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

  /// A mapping with one value at the end of a path of keys.
  package init(_ path: String..., value: YAMLNode) {
    self = path.reversed().reduce(value) { YAMLNode(.mapping([Entry(key: $1, value: $0)]), origin: value.origin) }
  }

  /// A text that is no number, truth value or nothing.
  package init(text: String) { self.init(.scalar(text, isPlain: false)) }

  /// A number.
  package init(number: some Numeric & CustomStringConvertible) { self.init(.scalar(number.description, isPlain: true)) }
}

/// A part of a YAML text that is kept as it is, to be decoded later; its keys are not looked at until then.
extension YAMLNode: Decodable {
  package init(from decoder: any Decoder) throws {
    guard let decoder = decoder as? NodeDecoder else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "only YAML holds YAML nodes"))
    }
    self = decoder.node
  }
}
