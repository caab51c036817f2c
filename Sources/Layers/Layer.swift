/// A layer as one value: its keys in a configuration, its parameters, shapes, cost and forward pass.
///
/// It does not hold what follows from the layers before it, such as the input channels: methods get the shape of the input.
/// `LayerRegistry` lists the kinds that a configuration can name.
package protocol Layer: Codable, Sendable, Equatable {
  /// The layer's name in a configuration, such as `max-pooling`.
  static var kind: String { get }
  /// A short name with the main settings, for tables.
  var title: String { get }
  /// Whether it maps maps to maps and can be part of a backbone.
  var isSpatial: Bool { get }
  /// Whether it outputs one map per region of the batch.
  var poolsRegions: Bool { get }
  /// Whether it flattens maps in (y, x, channel) order; weight files of other programs may have another order.
  var flattensMaps: Bool { get }
  /// Whether its operation can apply the ReLU that follows, which saves a tensor and a pass over memory.
  var fusesReLU: Bool { get }
  /// Whether it normalizes by the mean and variance of the batch in training, unless its parameters are frozen.
  var usesBatchStatistics: Bool { get }
  /// The chains of layers inside it, each applied to its input; `parameters(of:)` includes theirs.
  var chains: [[LayerDescription]] { get }
  /// What is compared of it with the network in a file of weights; nil for what only arranges or drops values.
  var operation: LayerOperation? { get }

  /// The layer with unspecified outputs set to the number of classes.
  func resolved(classes: Int) -> Self
  /// The shape of its output.
  ///
  /// - Throws: `ShapeError` for an input that the layer does not accept.
  func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape
  /// Its parameters under their names within the layer, in Keras's order, for an input that `outputShape` accepts.
  func parameters(of input: ActivationShape) -> [ParameterSpecification]
  /// Multiply–accumulates (MACs) of the forward pass per image or region; counts products only.
  func multiplyAccumulates(of input: ActivationShape) -> Int
  /// Records the layer on the tape; traps on an input that `outputShape` refuses.
  func forward(_ input: Activation, _ context: ForwardContext) -> Activation
}

extension Layer {
  /// False by default.
  package var isSpatial: Bool { false }
  /// False by default.
  package var poolsRegions: Bool { false }
  /// False by default.
  package var flattensMaps: Bool { false }
  /// False by default.
  package var fusesReLU: Bool { false }
  /// False by default.
  package var usesBatchStatistics: Bool { false }
  /// None by default.
  package var chains: [[LayerDescription]] { [] }
  /// None by default.
  package var operation: LayerOperation? { nil }
  /// The layer itself by default.
  package func resolved(classes: Int) -> Self { self }
  /// None by default.
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] { [] }
  /// 0 by default.
  package func multiplyAccumulates(of input: ActivationShape) -> Int { 0 }

  /// Whether both have the same kind and the same settings.
  package func isEqual(to other: any Layer) -> Bool { other as? Self == self }
}
