internal import Tensors

/// Detections in COCO's format of results, a list that `pycocotools` reads.
extension RunEvaluation where Report == DetectionReport {
  /// One detection.
  package struct Result: Encodable, Sendable, Equatable {
    /// The index of the image in the dataset.
    package var imageIndex: Int
    /// The file that the image came from; nil where the dataset does not say.
    package var fileName: String?
    /// The place of the class among the network's, from 1 on.
    package var category: Int
    /// The class.
    package var categoryName: String
    /// Left edge, top edge, width and height in pixels of the image.
    package var box: [Float]
    /// The softmax probability of the class.
    package var score: Float

    private enum CodingKeys: String, CodingKey {
      case imageIndex = "image_id"
      case fileName = "file_name"
      case category = "category_id"
      case categoryName = "category_name"
      case box = "bbox"
      case score
    }
  }

  /// - Throws: `TrainingError` unless it is one dataset: images of several have the same numbers.
  package static func requireOneDataset(_ count: Int) throws(TrainingError) {
    guard count == 1 else {
      throw TrainingError("detections of \(count) datasets, expected one for a JSON file; write a .csv file instead")
    }
  }

  /// The detections on one dataset.
  /// - Throws: as `requireOneDataset`.
  package func results() throws(TrainingError) -> [Result] {
    try Self.requireOneDataset(domains.count)
    return domains[0].predictions.map { found in
      Result(
        imageIndex: found.image, fileName: found.file, category: found.label + 1, categoryName: found.name,
        box: [found.box.x1, found.box.y1, found.box.x2 - found.box.x1 + 1, found.box.y2 - found.box.y1 + 1],
        score: found.score)
    }
  }
}
