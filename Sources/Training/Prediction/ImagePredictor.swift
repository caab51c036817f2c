internal import Datasets
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Support
internal import Tensors

/// Predicts the classes of image files and of datasets, or finds the objects in them, without looking at any label.
///
/// An image file is prepared as the run's dataset was prepared from its files, and then as in evaluation.
package struct ImagePredictor: Sendable {
  /// A place where something goes wrong.
  package struct Failure: Sendable, Equatable {
    /// The file.
    package var file: String
    /// What is wrong, with the file's name.
    package var message: String
  }

  let evaluator: RunEvaluator
  let classNames: [String]
  /// The task of a run that finds objects; nil where it tells classes.
  let detection: Detection?
  private let top: Int
  private let temperature: Double

  /// - Parameters:
  ///   - top: how many classes are listed for each image, at most.
  ///   - temperature: what logits are divided by.
  /// - Throws: `TrainingError` where the run is of another task.
  package init(_ evaluator: RunEvaluator, top: Int = 1, temperature: Double = 1) throws {
    switch evaluator.task {
    case let task as Classification: (classNames, detection) = (task.classNames, nil)
    case let task as Detection:
      guard top == 1, temperature == 1 else {
        throw TrainingError(
          "the run finds objects, each of one class; expected neither several classes nor a temperature")
      }
      (classNames, detection) = (task.classNames, task)
    default:
      throw TrainingError("the run's task is \(type(of: evaluator.task).name), expected classification or detection")
    }
    (self.evaluator, self.top, self.temperature) = (evaluator, top, temperature)
  }

  /// Whether the network pools regions, so that boxes have an effect.
  package var poolsRegions: Bool { evaluator.poolsRegions }

  /// Whether the run was trained on regions.
  package var isTrainedOnRegions: Bool { evaluator.state.hasBoxes }
  /// The number of classes that are listed where so many are asked for.
  package func count(of top: Int) -> Int { min(top, classNames.count) }

  /// Predicts images; those of files first, in their order, then those of datasets.
  ///
  /// - Parameters:
  ///   - boxes: the regions of files; those without are left out. nil predicts whole images.
  ///   - failed: called for each file that cannot be read or predicted; throwing ends all.
  ///   - predicted: called with each prediction.
  /// - Throws: `TrainingError` where the network does not take such images, `FileError` where a dataset cannot be read,
  ///   `Interruption.stoppedForGood` if a stop was requested.
  package func predict(
    _ files: ImageFiles, boxes: RegionList? = nil, shouldStop: () -> Bool = { false },
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }, failed: (Failure) throws -> Void,
    predicted: (ImagePrediction) throws -> Void
  ) throws {
    if let boxes, !poolsRegions {
      throw TrainingError("\(boxes.path): the run's network pools no regions; predict whole images, without --boxes")
    }
    let datasets = try files.datasets.map { path in
      let dataset = try Dataset(opening: path)
      try evaluator.requireInput(dataset)
      return dataset
    }
    if let detection { try requireRegions(detection, boxes, files) }
    let regions = try boxes?.boxes(of: files.paths)
    let paths = regions.map { regions in files.paths.filter { regions[$0] != nil } } ?? files.paths
    let total = paths.count + datasets.reduce(0) { $0 + $1.imageCount }
    try evaluator.pool.use {
      var done = 0
      try predict(paths, regions ?? [:], shouldStop, failed, predicted) { progress($0, total) }
      done = paths.count
      for dataset in datasets {
        try predict(dataset, shouldStop, predicted) { progress(done + $0, total) }
        done += dataset.imageCount
      }
    }
  }

  /// Images, or samples of a dataset, that go through the network at once.
  private var size: Int { detection == nil ? evaluator.evaluator.batch : evaluator.evaluator.data.batch }

  // MARK: Files

  /// Files of a batch that could be read, and the others.
  private struct FileBatch: Sendable {
    var batch: Batch?
    /// The regions to predict.
    var rows: [(file: String, box: Box?)] = []
    /// The images to find objects in.
    var pictures: [DetectionTargets.Picture] = []
    var failures: [Failure] = []
  }

  private func predict(
    _ paths: [String], _ regions: [String: [RegionList.Entry]], _ shouldStop: () -> Bool,
    _ failed: (Failure) throws -> Void, _ predicted: (ImagePrediction) throws -> Void, _ progress: (Int) -> Void
  ) throws {
    guard !paths.isEmpty else { return }
    let size = size
    guard evaluator.state.features == nil else {
      throw TrainingError(
        "\(paths[0]): the run was trained on feature maps and takes no images; prepare a dataset of them, make its feature "
          + "maps with bulkhead features as those of \(evaluator.state.configuration.data.path), and predict that")
    }
    let preparation = evaluator.state.images ?? ImagePreparation(channels: evaluator.state.channels)
    let batches = Prefetcher(batches: 0..<(paths.count + size - 1) / size) { [self] index in
      read(Array(paths[index * size..<min((index + 1) * size, paths.count)]), regions, preparation)
    }
    defer { batches.stop() }
    for first in stride(from: 0, to: paths.count, by: size) {
      if shouldStop() { throw Interruption.stoppedForGood }
      let read = try batches.next()
      for failure in read.failures { try failed(failure) }
      if let batch = read.batch {
        if let detection {
          try find(read.pictures, batch, detection, predicted)
        } else {
          try predict(batch, read.rows, predicted)
        }
      }
      progress(min(first + size, paths.count))
    }
  }

  /// Reads and transforms files as evaluation does with the images of a dataset made of them.
  private func read(
    _ paths: [String], _ regions: [String: [RegionList.Entry]], _ preparation: ImagePreparation
  ) -> FileBatch {
    let data = evaluator.evaluator.data
    let channels = data.channels ?? preparation.channels
    var result = FileBatch()
    var images: [Image] = []
    var batchRegions: [Region] = []
    for path in paths {
      do {
        let (prepared, extent, own) = try preparation.image(reading: path) {
          data.covering(data.evaluationTransform(of: $0))
        }
        let transform = data.evaluationTransform(of: extent)
        let image = transform.image(prepared)
        _ = try evaluator.evaluator.network.outputShapes(of: .maps(image.extent, channels: channels))
        var rows: [(file: String, box: Box?)] = []
        var boxes: [Region] = []
        for entry in regions[path] ?? [] {
          let asked = entry.box(height: own.height, width: own.width)
          if let problem = asked.problem(height: own.height, width: own.width) {
            throw FileError(what: "its box of record \(entry.record) \(problem)", path: path)
          }
          guard let box = preparation.box(asked, of: own).flatMap({ transform.box($0, of: extent) }) else {
            throw FileError(what: "the center of its box of record \(entry.record) is cropped away", path: path)
          }
          boxes.append(Region(image: images.count, box: box))
          rows.append((path, asked))
        }
        if let detection {
          let picture = DetectionTargets.Picture(
            image: images.count, file: path, extent: image.extent,
            proposals: detection.regions(over: image.extent, given: boxes.compactMap(\.box)),
            source: { preparation.source(of: transform.source(of: $0, in: extent), in: own) })
          result.pictures.append(picture)
          boxes = []
        }
        batchRegions += boxes.isEmpty ? [Region(image: images.count)] : boxes
        result.rows += rows.isEmpty ? [(path, nil)] : rows
        images.append(image)
      } catch let error as ShapeError {
        result.failures.append(
          Failure(file: path, message: "\(path): the network does not take it: \(error); scale it up"))
      } catch {
        result.failures.append(Failure(file: path, message: "\(error)"))
      }
    }
    guard !images.isEmpty else { return result }
    result.batch = Batch(
      images, regions: batchRegions, samples: Array(batchRegions.indices), as: data, channels: channels)
    return result
  }

  // MARK: Datasets

  private func predict(
    _ dataset: Dataset, _ shouldStop: () -> Bool, _ predicted: (ImagePrediction) throws -> Void,
    _ progress: (Int) -> Void
  ) throws {
    let samples = Array(0..<dataset.sampleCount)
    try evaluator.evaluator.data.requireEvaluation(of: samples, in: dataset, by: evaluator.evaluator.network)
    if let detection { return try find(dataset, samples, detection, shouldStop, predicted, progress) }
    let data = evaluator.evaluator.data
    let size = size
    let batches = Prefetcher(batches: 0..<(samples.count + size - 1) / size) { index in
      try Batch(Array(samples[index * size..<min((index + 1) * size, samples.count)]), of: dataset, as: data)
    }
    defer { batches.stop() }
    for _ in stride(from: 0, to: samples.count, by: size) {
      if shouldStop() { throw Interruption.stoppedForGood }
      let batch = try batches.next()
      let rows = batch.samples.map { (dataset.name(ofImage: dataset.imageIndex(of: $0)), dataset.box(of: $0)) }
      try predict(batch, rows, predicted)
      progress(dataset.imageIndex(of: batch.samples.last ?? 0) + 1)
    }
  }

  private func predict(
    _ batch: Batch, _ rows: [(file: String, box: Box?)], _ predicted: (ImagePrediction) throws -> Void
  ) throws {
    let logits = evaluator.evaluator.output(of: batch).values
    for (index, row) in rows.enumerated() {
      try predicted(
        ImagePrediction(
          file: row.file, box: row.box, logits: logits[index * classNames.count..<(index + 1) * classNames.count],
          classNames: classNames, top: top, temperature: temperature))
    }
  }
}
