internal import Datasets
internal import Support
internal import Tensors
internal import Training

/// What a network predicts for an image, or for a region of one.
public struct ImagePrediction: Sendable, Equatable {
  /// A rectangle in pixels that count from 0, its second corner inclusive.
  public struct Region: Sendable, Equatable {
    /// The left column.
    public let x1: Float
    /// The top row.
    public let y1: Float
    /// The right column.
    public let x2: Float
    /// The bottom row.
    public let y2: Float
  }

  /// A class and its softmax probability.
  public struct Share: Sendable, Equatable {
    /// The network's name of the class.
    public let name: String
    /// The probability, 0 to 1.
    public let probability: Double
  }

  /// The image's file, or its place in a dataset.
  public let file: String
  /// The region; nil for the whole image.
  public let region: Region?
  /// The classes from the most probable on; empty where the logits are not finite.
  public let classes: [Share]

  init(_ prediction: Training.ImagePrediction) {
    file = prediction.file
    region = prediction.box.map { Region(x1: $0.x1, y1: $0.y1, x2: $0.x2, y2: $0.y2) }
    classes = prediction.shares.map { Share(name: $0.name, probability: $0.probability) }
  }
}

extension TrainingRun {
  /// Predicts the classes of images without labels, which are prepared exactly as in an evaluation.
  ///
  /// - Parameters:
  ///   - images: image files, folders with all the images in them, and dataset files.
  ///   - boxes: a CSV file of regions, `image,x1,y1,x2,y2`, for networks that pool regions; nil predicts whole images.
  ///   - boxUnit: of the numbers in the file; nil takes them for pixels, and throws where none is above 1.
  ///   - weights: of the best epoch on validation, or of the last one.
  ///   - top: how many classes are listed for each image, at most.
  ///   - temperature: what logits are divided by, such as that of an evaluation with calibration.
  ///   - onUnreadable: called with the message of each file that cannot be read, which is then left out; nil throws at the
  ///     first.
  ///   - onProgress: called on this thread with the images done and all of them.
  ///   - isCancelled: looked at between batches; by default whether the current task is cancelled.
  /// - Returns: the predictions, of files first, in the order of their paths and names, then of datasets.
  /// - Throws: ``BulkheadError``: `missing` where the run has no weights yet or a path is not there, `invalid` for files that
  ///   cannot be read or images that the network does not take, or `cancelled`.
  public func predict(
    images: [String], boxes: String? = nil, boxUnit: DatasetPreparation.BoxReading.Unit? = nil,
    weights: Weights = .best, top: Int = 1, temperature: Double = 1,
    onUnreadable: ((_ message: String) -> Void)? = nil, onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> [ImagePrediction] {
    precondition(top > 0 && temperature > 0, "TrainingRun.predict: top \(top), temperature \(temperature)")
    return try translatingErrors {
      let predictor = try ImagePredictor(
        RunEvaluator(paths, weights: weights == .best ? .best : .last), top: top, temperature: temperature)
      let unit = boxUnit.flatMap { BoxUnit(rawValue: $0.rawValue) }
      var predictions: [ImagePrediction] = []
      try predictor.predict(
        ImageFiles(at: images), boxes: boxes.map { try RegionList(reading: $0, unit: unit) }, shouldStop: isCancelled,
        progress: onProgress
      ) { failure in
        guard let onUnreadable else { throw FileError(message: failure.message, kind: .badData) }
        onUnreadable(failure.message)
      } predicted: {
        predictions.append(ImagePrediction($0))
      }
      return predictions
    }
  }
}
