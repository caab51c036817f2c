internal import Statistics
package import Tensors

/// Gathers ground truth and detections image by image.
package struct DetectionTally: TaskTally {
  private let classNames: [String]
  private let judged: Set<Int>
  private var truth: [TrueObject] = []
  private var found: [FoundObject] = []
  private var images = 0
  private var withoutPrediction = 0
  /// Every detection, image after image, from the highest score on.
  package private(set) var predictions: [DetectionPrediction] = []

  /// A tally of the network's classes.
  ///
  /// - Parameter judged: those that count.
  init(classNames: [String], judged: Set<Int>) { (self.classNames, self.judged) = (classNames, judged) }

  /// Adds an image with what was found in it; nil where the network gave a number that is not finite.
  mutating func add(_ picture: DetectionTargets.Picture, _ detections: [DetectedObject]?) {
    images += 1
    truth += picture.truth
    guard let detections else {
      withoutPrediction += 1
      return
    }
    found += detections.map {
      FoundObject(image: picture.image, label: $0.label, box: ObjectBox($0.box), score: Double($0.score))
    }
    predictions += detections.map {
      DetectionPrediction(
        image: picture.image, file: picture.file, name: classNames[$0.label], label: $0.label, box: $0.box,
        score: $0.score)
    }
  }

  /// The report on everything added so far.
  package var report: DetectionReport {
    DetectionReport(
      truth, found, classNames: classNames, judged: judged.sorted(), images: images,
      withoutPrediction: withoutPrediction)
  }
}

/// One detection.
package struct DetectionPrediction: TaskPrediction {
  /// The dataset's index of the image.
  package var image: Int
  /// The file that the image came from; nil where the dataset does not say.
  package var file: String?
  /// The class's name.
  package var name: String
  /// The network's class, counted from 0.
  package var label: Int
  /// Where it is, in pixels of the image; the second corner is inclusive.
  package var box: Box
  /// The softmax probability of the class.
  package var score: Float

  /// The header of the CSV table.
  package static let columns = ["image", "file", "label", "score", "x1", "y1", "x2", "y2"]

  /// The row.
  package var fields: [String] {
    ["\(image)", file ?? "", name, "\(score)"] + [box.x1, box.y1, box.x2, box.y2].map { "\($0)" }
  }
}
