internal import Statistics
internal import Training

/// How far fine-tuning moved a network from its source model.
package struct Movement: Codable, Sendable, Equatable {
  package struct Layer: Codable, Sendable, Equatable {
    /// Such as `features.conv1_1`.
    package var path: String
    /// ‖w − w₀‖ / ‖w₀‖; nil where w₀ was new.
    package var drift: Double?
    /// Unbiased linear CKA between the source model's activations and the network's on target training images; nil where
    /// the source model has no such layer.
    package var similarity: Double?

    package init(path: String, drift: Double? = nil, similarity: Double? = nil) {
      (self.path, self.drift, self.similarity) = (path, drift, similarity)
    }

    package var isInHead: Bool { path.hasPrefix("head.") }
    /// The last part of the path.
    package var name: String { path.split(separator: ".").last.map(String.init) ?? path }
  }

  /// Accuracies on the source's test images under the source model's classifier.
  package struct Retention: Codable, Sendable, Equatable {
    /// Of the source model.
    package var before: Double
    /// With what fine-tuning made of the layers below the classifier.
    package var after: Double
    package var images: Int

    package init(before: Double, after: Double, images: Int) {
      (self.before, self.after, self.images) = (before, after, images)
    }

    /// Below 0 where the network forgot.
    package var change: Double { after - before }
  }

  /// Without the classifier, in the network's order.
  package var layers: [Layer]
  /// nil where the layers below the classifier are not all the source model's.
  package var retention: Retention?
  /// Target training images that activations were compared on.
  package var images: Int

  package init(layers: [Layer], retention: Retention? = nil, images: Int) {
    (self.layers, self.retention, self.images) = (layers, retention, images)
  }

  /// The mean over the layers of the backbone, or of the head, that have the number.
  package func mean(_ number: (Layer) -> Double?, inHead: Bool) -> Double? {
    Estimate(layers.filter { $0.isInHead == inHead }.compactMap(number))?.mean
  }
}

extension RunDirectory {
  /// How far the run moved from its source model.
  package var movement: String { file("movement.json") }
}
