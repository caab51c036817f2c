import Support

/// The kinds of layers that a configuration can name.
///
/// A registry is a value: whoever decodes a configuration hands one in through `userInfo`, and `standard` is used
/// otherwise.
package struct LayerRegistry: Sendable, Equatable {
  /// Every kind that comes with the program, one line each.
  package static let standard = LayerRegistry([
    ConvolutionLayer.self,
    BatchNormalizationLayer.self,
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

  /// A registry of layers; traps where two have one kind.
  package init(_ types: [any Layer.Type]) {
    precondition(Set(types.map { $0.kind }).count == types.count, "LayerRegistry: two layers have one kind")
    self.types = types
  }

  /// The registry with one more kind of layer.
  package func adding(_ type: any Layer.Type) -> LayerRegistry { LayerRegistry(types + [type]) }

  /// The names of all kinds, in order of registration.
  package var kinds: [String] { types.map { $0.kind } }

  /// The layer of that kind.
  package subscript(kind: String) -> (any Layer.Type)? { types.first { $0.kind == kind } }

  package static func == (left: LayerRegistry, right: LayerRegistry) -> Bool {
    left.types.map { ObjectIdentifier($0) } == right.types.map { ObjectIdentifier($0) }
  }

  /// What is wrong with a kind that the registry does not have, and what may have been meant.
  func problem(withKind kind: String) -> String {
    let hint = nearest(to: kind, among: kinds).map { "; did you mean \"\($0)\"?" } ?? ""
    return "expected one of \(kinds.joined(separator: ", ")), found \"\(kind)\"\(hint)"
  }

  /// What a decoder carries as its `userInfo` so that layers of this registry are found.
  package var userInfo: [CodingUserInfoKey: any Sendable] { [.layerRegistry: self] }
}

extension CodingUserInfoKey {
  /// The key under which a decoder carries a `LayerRegistry`.
  static let layerRegistry = CodingUserInfoKey(rawValue: "layerRegistry")!
}
