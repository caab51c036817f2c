/// A layer as one value: its keys in a configuration, its parameters, shapes, cost and forward pass.
///
/// What follows from the layers before it, such as its input channels, is not part of it: that comes in as the shape of
/// its input. `LayerRegistry` says which kinds a configuration can name.
package protocol Layer: Codable, Sendable, Equatable {
  /// The layer's name in a configuration, such as `max-pooling`.
  static var kind: String { get }
  /// What it is, in words for a table.
  var title: String { get }
  /// Whether it turns maps into maps, so that it can be part of a backbone.
  var isSpatial: Bool { get }
  /// Whether it makes one map for each region of the batch.
  var poolsRegions: Bool { get }
  /// Whether it turns each map into features in (y, x, channel) order; other programs' files may have another order.
  var flattensMaps: Bool { get }
  /// Whether it can apply the ReLU after it in its own operation, which spares a tensor and a pass through memory.
  var fusesReLU: Bool { get }
  /// The chains of layers within it, each applied to its input; their parameters are its own.
  var chains: [[LayerDescription]] { get }

  /// The same layer with nothing left open: outputs that it does not name are the number of classes.
  func resolved(classes: Int) -> Self
  /// The shape of its output.
  ///
  /// - Throws: `ShapeError` where the layer does not take such an input.
  func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape
  /// Its parameters by their last names, in the order of Keras's files, for an input that `outputShape` accepts.
  func parameters(of input: ActivationShape) -> [ParameterSpecification]
  /// Multiply–accumulates (MACs) of the forward pass for one image; those of products alone.
  func multiplyAccumulates(of input: ActivationShape) -> Int
  /// Records the layer on the tape; traps on an input that `outputShape` refuses.
  func forward(_ input: Activation, _ context: ForwardContext) -> Activation
}

extension Layer {
  package var isSpatial: Bool { false }
  package var poolsRegions: Bool { false }
  package var flattensMaps: Bool { false }
  package var fusesReLU: Bool { false }
  package var chains: [[LayerDescription]] { [] }
  package func resolved(classes: Int) -> Self { self }
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] { [] }
  package func multiplyAccumulates(of input: ActivationShape) -> Int { 0 }

  /// Whether both are of one kind with the same values.
  package func isEqual(to other: any Layer) -> Bool { other as? Self == self }
}
