internal import Autodiff
internal import Datasets
internal import Support
internal import Tensors

/// Objects in images instead of classes.
extension ImagePredictor {
  /// Whether the run finds objects.
  package var detects: Bool { detection != nil }

  /// Throws unless boxes are there for a detector that takes proposals, and for no other.
  func requireRegions(_ detection: Detection, _ boxes: RegionList?, _ files: ImageFiles) throws {
    let takesProposals = detection.settings.proposals == .dataset
    if let boxes, !takesProposals {
      throw TrainingError("\(boxes.path): the run's detector finds its regions itself; predict without --boxes")
    }
    if takesProposals, boxes == nil, let file = files.paths.first {
      throw TrainingError(
        "\(file): the run classifies proposals (detection.proposals: dataset), expected those of each image; give them "
          + "with --boxes, or predict a dataset that was prepared with --proposals")
    }
    if takesProposals {
      for path in files.datasets {
        guard try Dataset(opening: path, memoryLimit: 0).hasProposals else {
          throw TrainingError(
            "\(path): it has no proposals, which the run classifies; prepare it with --proposals FILE")
        }
      }
    }
  }

  /// Finds the objects in a batch of images.
  func find(
    _ pictures: [DetectionTargets.Picture], _ batch: Batch, _ detection: Detection,
    _ predicted: (ImagePrediction) throws -> Void
  ) throws {
    let tape = Tape(parameters: evaluator.evaluator.parameters, mode: .evaluation)
    let found = detection.detections(in: pictures, batch, through: evaluator.evaluator.network, on: tape)
    for (picture, objects) in zip(pictures, found) {
      let file = picture.file ?? "image \(picture.image)"
      guard let objects else {
        try predicted(ImagePrediction(withoutPrediction: file))
        continue
      }
      for object in objects { try predicted(ImagePrediction(file: file, found: object, classNames: classNames)) }
    }
  }

  /// Finds the objects in the images of a dataset.
  func find(
    _ dataset: Dataset, _ samples: [Int], _ detection: Detection, _ shouldStop: () -> Bool,
    _ predicted: (ImagePrediction) throws -> Void, _ progress: (Int) -> Void
  ) throws {
    let data = evaluator.evaluator.data
    let images = dataset.groupedByImage(samples)
    let size = data.batch
    let batches = Prefetcher(batches: 0..<(images.count + size - 1) / size) { index in
      try Batch(
        images[index * size..<min((index + 1) * size, images.count)].flatMap(\.self), of: dataset, as: data)
    }
    defer { batches.stop() }
    for first in stride(from: 0, to: images.count, by: size) {
      if shouldStop() { throw Interruption.stopped }
      let batch = try batches.next()
      var pictures = detection.pictures(of: batch, in: dataset)
      for place in pictures.indices { pictures[place].file = dataset.name(ofImage: pictures[place].image) }
      try find(pictures, batch, detection, predicted)
      progress(min(first + size, images.count))
    }
  }
}
