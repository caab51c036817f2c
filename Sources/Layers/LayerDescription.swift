/// A layer under its path in a network, such as `features.conv1_1`.
///
/// In a configuration it is one mapping: `kind`, `name` and the keys of the layer.
package struct LayerDescription: Sendable {
  /// The path; its last part names the layer in weight files.
  package var name: String
  /// The layer and its settings.
  package var layer: any Layer

  /// A layer under a path.
  package init(_ name: String, _ layer: any Layer) { (self.name, self.layer) = (name, layer) }

  /// The last part of the path.
  package var lastName: String { name.split(separator: ".").last.map(String.init) ?? name }

  /// The last parts of its path and of the paths of all layers inside it.
  package var names: [String] { [lastName] + layer.chains.joined().flatMap(\.names) }

  /// The parameters with their full names, for an input that the layer accepts.
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    layer.parameters(of: input).map { $0.prefixed(by: name) }
  }
}

extension LayerDescription: Equatable {
  /// Whether names, kinds and settings are equal.
  package static func == (left: LayerDescription, right: LayerDescription) -> Bool {
    left.name == right.name && left.layer.isEqual(to: right.layer)
  }
}

extension LayerDescription: Codable {
  private enum CodingKeys: String, CodingKey { case kind, name }

  /// Decodes `kind`, `name` and the keys of that kind of layer.
  ///
  /// The registry comes from the decoder's `userInfo`; default: the standard registry.
  ///
  /// - Throws: `DecodingError` for an unknown kind, a malformed name, and what the layer throws.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let registry = decoder.userInfo[.layerRegistry] as? LayerRegistry ?? .standard
    let kind = try values.decode(String.self, forKey: .kind)
    guard let type = registry[kind] else {
      throw DecodingError.dataCorruptedError(
        forKey: .kind, in: values, debugDescription: registry.problem(withKind: kind))
    }
    name = try values.decode(String.self, forKey: .name)
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty && !$0.contains { $0 == "*" || $0 == "?" } }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .name, in: values, debugDescription: "expected a path such as features.conv1, without * and ?")
    }
    layer = try type.init(from: decoder)
  }

  /// Encodes `kind`, `name` and the keys of the layer in one mapping.
  ///
  /// - Throws: `EncodingError` as the layer does.
  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(type(of: layer).kind, forKey: .kind)
    try values.encode(name, forKey: .name)
    try layer.encode(to: encoder)
  }
}
