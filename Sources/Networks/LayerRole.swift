/// The part of the network that a layer belongs to; regimes and `freeze` select layers by it.
package enum LayerRole: String, Codable, Sendable, CaseIterable {
  /// Below the head: from images to feature maps.
  case backbone
  /// Between the backbone and the classifier.
  case hidden
  /// The last layer with parameters of an output, which gives its scores.
  case classifier
}
