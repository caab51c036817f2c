/// What a layer is for; regimes and `freeze` choose layers by it.
package enum LayerRole: String, Codable, Sendable, CaseIterable {
  /// Makes feature maps of images: everything below the head.
  case backbone
  /// Between the backbone and the classifier.
  case hidden
  /// Makes the scores of an output: its last layer with parameters.
  case classifier
}
