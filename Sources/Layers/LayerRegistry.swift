import Support

/// The kinds of layers that a configuration can name.
///
/// Pass a registry to a decoder through `userInfo`; default: `standard`.
package struct LayerRegistry: Sendable, Equatable {
  /// Every built-in kind, one line each.
  package static let standard = LayerRegistry([
    ConvolutionLayer.self,
    BatchNormalizationLayer.self,
    LocalResponseNormalizationLayer.self,
    ReLULayer.self,
    MaxPoolingLayer.self,
    AveragePoolingLayer.self,
    ROIPoolLayer.self,
    GlobalAveragePoolingLayer.self,
    AverageMaxPoolingLayer.self,
    FlattenLayer.self,
    L2NormalizationLayer.self,
    LinearLayer.self,
    DropoutLayer.self,
    ResidualLayer.self,
    ConcatenationLayer.self,
  ])

  private var types: [any Layer.Type]

  /// A registry of layers; traps if two have the same kind.
  package init(_ types: [any Layer.Type]) {
    precondition(Set(types.map { $0.kind }).count == types.count, "LayerRegistry: two layers have the same kind")
    self.types = types
  }

  /// The registry with one more kind of layer.
  package func adding(_ type: any Layer.Type) -> LayerRegistry { LayerRegistry(types + [type]) }

  /// The names of all kinds, in order of registration.
  package var kinds: [String] { types.map { $0.kind } }

  /// The layer of that kind; `nil` if it is unknown.
  package subscript(kind: String) -> (any Layer.Type)? { types.first { $0.kind == kind } }

  /// Whether both have the same types in the same order.
  package static func == (left: LayerRegistry, right: LayerRegistry) -> Bool {
    left.types.map { ObjectIdentifier($0) } == right.types.map { ObjectIdentifier($0) }
  }

  /// The message for an unknown kind, with the most similar known one.
  func problem(withKind kind: String) -> String {
    let hint = nearest(to: kind, among: kinds).map { "; did you mean \"\($0)\"?" } ?? ""
    return "expected one of \(kinds.joined(separator: ", ")), found \"\(kind)\"\(hint)"
  }

  /// The `userInfo` of a decoder that uses this registry.
  package var userInfo: [CodingUserInfoKey: any Sendable] { [.layerRegistry: self] }
}

extension CodingUserInfoKey {
  /// The key of the `LayerRegistry`.
  static let layerRegistry = CodingUserInfoKey(rawValue: "layerRegistry")!
}
