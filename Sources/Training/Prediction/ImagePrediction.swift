package import Tensors

/// What a network predicts for an image, or for a region of one.
package struct ImagePrediction: Sendable, Equatable {
  /// A class and its softmax probability.
  package struct Share: Codable, Sendable, Equatable {
    /// The network's name of the class.
    package var name: String
    /// Its softmax probability.
    package var probability: Double

    private enum CodingKeys: String, CodingKey {
      case name = "class"
      case probability
    }
  }

  /// The image's file, or its place in a dataset.
  package var file: String
  /// The region in pixels of the image; nil for the whole image.
  package var box: Box?
  /// The classes from the most probable on; empty where the logits are not finite.
  package var shares: [Share]

  /// An object that a detector found; its probability is the softmax's among all classes and background.
  init(file: String, found object: DetectedObject, classNames: [String]) {
    (self.file, box) = (file, object.box)
    shares = [Share(name: classNames[object.label], probability: Double(object.score))]
  }

  /// An image for which a detector gave numbers that are not finite.
  init(withoutPrediction file: String) { (self.file, box, shares) = (file, nil, []) }

  /// The most probable classes of logits that are divided by a temperature; the first of equals comes first.
  init(file: String, box: Box?, logits: ArraySlice<Float>, classNames: [String], top: Int, temperature: Double) {
    (self.file, self.box) = (file, box)
    guard logits.allSatisfy(\.isFinite), let largest = logits.max() else {
      shares = []
      return
    }
    let total = ClassificationTally.sum(of: logits, largest: largest, temperature: temperature)
    shares = logits.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }.prefix(top).map {
      Share(
        name: classNames[$0.offset],
        probability: ClassificationTally.weight(of: $0.element, largest: largest, temperature: temperature) / total)
    }
  }
}
