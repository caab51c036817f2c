internal import Layers
internal import Networks

extension NetworkModel {
  /// What a network costs for one image.
  public struct Summary: Sendable, Equatable {
    /// A layer.
    public struct Layer: Sendable, Equatable {
      /// Its path in the network, such as `features.block1_conv1`.
      public let name: String
      /// What it is, in words.
      public let kind: String
      /// Of one image: `[H, W, C]` of maps, or `[features]`.
      public let outputShape: [Int]
      /// Elements of its trained parameters.
      public let parameters: Int
      /// Multiply–accumulates (MACs) of one image forward.
      public let multiplyAccumulates: Int
      /// How many layers it lies within.
      public let depth: Int
      /// Whether it is a fully connected layer of the head.
      public let isFullyConnected: Bool
    }

    /// The layers in order; those within a layer come before it.
    public let layers: [Layer]
    /// Elements of all trained parameters.
    public let parameters: Int
    /// Elements of the running statistics of batch normalization.
    public let statistics: Int
    /// Multiply–accumulates (MACs) of one image forward.
    public let multiplyAccumulates: Int
    /// Parameters of the fully connected layers before the classifier.
    public let hiddenParameters: Int
    /// Parameters of the classifier.
    public let classifierParameters: Int
    /// Elements that a training step keeps of one image: the image and every layer's output, 4 bytes each.
    public let activations: Int

    /// The share of parameters that lies in fully connected layers, 0 to 1.
    public var fullyConnectedShare: Double {
      Double(hiddenParameters + classifierParameters) / Double(max(parameters, 1))
    }

    init(_ summary: NetworkSummary) {
      layers = summary.rows.map { row in
        Layer(
          name: row.path, kind: row.title, outputShape: row.output.extents, parameters: row.parameters,
          multiplyAccumulates: row.multiplyAccumulates, depth: row.depth, isFullyConnected: row.isFullyConnected)
      }
      (parameters, statistics) = (summary.parameters, summary.statistics)
      (multiplyAccumulates, activations) = (summary.multiplyAccumulates, summary.activations)
      (hiddenParameters, classifierParameters) = summary.fullyConnected
    }
  }
}
