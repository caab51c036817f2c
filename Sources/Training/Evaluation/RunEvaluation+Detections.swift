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

  /// The detections on one dataset.
  /// - Throws: `TrainingError` where there are several, whose images have the same numbers.
  package func results() throws(TrainingError) -> [Result] {
    guard domains.count == 1 else {
      throw TrainingError(
        "detections of \(domains.count) datasets, expected one for a JSON file; write a .csv file instead")
    }
    return domains[0].predictions.map { found in
      Result(
        imageIndex: found.image, fileName: found.file, category: found.label + 1, categoryName: found.name,
        box: [found.box.x1, found.box.y1, found.box.x2 - found.box.x1 + 1, found.box.y2 - found.box.y1 + 1],
        score: found.score)
    }
  }
}
