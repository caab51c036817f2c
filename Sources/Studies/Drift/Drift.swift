internal import Layers
internal import Statistics
internal import Support
package import Training

/// The drift of a fine-tuned network from its source model.
package struct Drift: Codable, Sendable, Equatable {
  /// The drift of one layer with weights.
  package struct Layer: Codable, Sendable, Equatable {
    /// The layer's path, such as `features.conv1_1`.
    package var path: String
    /// ‖w − w₀‖ / ‖w₀‖; nil where w₀ was new.
    package var weightDrift: Double?
    /// Unbiased linear CKA between the source model's activations and the network's on target training images; nil where
    /// the source model has no such layer.
    package var similarity: Double?

    /// A layer that was measured.
    package init(path: String, weightDrift: Double? = nil, similarity: Double? = nil) {
      (self.path, self.weightDrift, self.similarity) = (path, weightDrift, similarity)
    }

    /// Whether the layer belongs to the head, not to the backbone.
    package var isInHead: Bool { path.hasPrefix("head.") }
    /// The last part of the path.
    package var name: String { path.split(separator: ".").last.map(String.init) ?? path }
  }

  /// Forgetting: accuracies on the source's test images with the source model's classifier.
  package struct Forgetting: Codable, Sendable, Equatable {
    /// The source model's accuracy.
    package var before: Double
    /// The accuracy with the fine-tuned layers below the classifier.
    package var after: Double
    /// The source's test images that both were measured on.
    package var images: Int

    /// Accuracies that were measured.
    package init(before: Double, after: Double, images: Int) {
      (self.before, self.after, self.images) = (before, after, images)
    }

    /// The change of accuracy, below 0 if the network forgot.
    package var change: Double { after - before }
  }

  /// The layers in the network's order, without the classifier.
  package var layers: [Layer]
  /// Forgetting of the source; nil if the layers below the classifier are not all the source model's.
  package var forgetting: Forgetting?
  /// Target training images that activations were compared on.
  package var images: Int

  /// A drift that was measured.
  package init(layers: [Layer], forgetting: Forgetting? = nil, images: Int) {
    (self.layers, self.forgetting, self.images) = (layers, forgetting, images)
  }

  /// The mean over the layers of the backbone, or of the head, that have the number.
  package func mean(_ number: (Layer) -> Double?, inHead: Bool) -> Double? {
    Estimate(layers.filter { $0.isInHead == inHead }.compactMap(number))?.mean
  }
}

extension RunDirectory {
  /// The path of `drift.json`: the run's drift from its source model.
  package var drift: String { file("drift.json") }

  /// The run's drift from its source model; nil if it was not measured.
  package func loadDrift() -> Drift? { try? JSONFile.read(Drift.self, from: drift) }
}
