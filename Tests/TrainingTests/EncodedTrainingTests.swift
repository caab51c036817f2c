import Datasets
import Foundation
import Images
import Networks
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Training, evaluation and prediction on encoded images.
@Suite(.serialized) struct EncodedTrainingTests {
  /// The image files of the dataset tests.
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "DatasetsTests/Fixtures/encoded").path

  private static func prepare(_ storage: ImageStorage, _ path: String, resizing: ImageResizing? = nil) throws {
    var preparation = Preparation(source: .folder(folder), name: "set", origin: "", license: "")
    (preparation.storage, preparation.resizing) = (storage, resizing)
    (preparation.validation, preparation.test) = (.count(1), .count(1))
    _ = try preparation.run(writingTo: path)
  }

  private static func configuration(_ path: String, scaled: Bool = false, threads: Int = 1) -> Configuration {
    var configuration = Configuration(
      data: DataConfiguration(path: path, sizes: [12, 14], evaluationSize: 14, batch: 3))
    configuration.data.augment = Augmentation(flip: true)
    configuration.data.scaledDecoding = scaled
    configuration.threads = threads
    configuration.network.head = .init(kind: .fc, width: 8, dropout: 0.2)
    configuration.epochs = 3
    return configuration
  }

  /// Metrics and weights of a run that may be stopped once and resumed.
  private static func trained(
    _ configuration: Configuration, _ directory: borrowing TemporaryDirectory, stoppedAt stop: Int? = nil
  ) throws -> (metrics: Data, parameters: Parameters) {
    let run = RunDirectory(directory.path("run-\(UUID().uuidString)"))
    try run.create(for: configuration)
    if let stop {
      #expect(throws: Interruption.self) { try Trainer(configuration, run: run).train { $0 == stop } }
      try Trainer(resuming: run).train()
    } else {
      try Trainer(configuration, run: run).train()
    }
    return (
      try Data(contentsOf: URL(filePath: run.metrics)), try Checkpoint(reading: run.last).parameters
    )
  }

  @Test func samplesAndEncodedImagesTrainTheSameBits() throws {
    let directory = try TemporaryDirectory()
    let paths = try [ImageStorage.samples, .encoded].map { storage in
      let path = directory.path("\(storage).h5")
      try Self.prepare(storage, path)
      return path
    }
    let expected = try Self.trained(Self.configuration(paths[0]), directory)
    for (threads, stop) in [(1, nil), (2, nil), (3, 4)] as [(Int, Int?)] {
      let found = try Self.trained(Self.configuration(paths[1], threads: threads), directory, stoppedAt: stop)
      #expect(found.metrics == expected.metrics && found.parameters == expected.parameters, "\(threads) threads")
    }
    let scaled = try Self.trained(Self.configuration(paths[1], scaled: true), directory)
    #expect(scaled.parameters != expected.parameters)
  }

  @Test func scaledDecodingIsTheSameInEveryWayOfRunning() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("encoded.h5")
    try Self.prepare(.encoded, path)
    let expected = try Self.trained(Self.configuration(path, scaled: true), directory)
    for (threads, stop) in [(2, nil), (1, 2), (3, 5)] as [(Int, Int?)] {
      let found = try Self.trained(
        Self.configuration(path, scaled: true, threads: threads), directory, stoppedAt: stop)
      #expect(found.metrics == expected.metrics && found.parameters == expected.parameters, "\(threads) threads")
    }
  }

  /// The image that a batch holds is the part that JPEG decoding gives, resized; of other formats all of it.
  @Test func whatABatchHolds() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("encoded.h5")
    try Self.prepare(.encoded, path)
    var data = DataConfiguration(path: path, evaluationSize: 14)
    (data.inputNormalization, data.scaledDecoding) = (.raw, true)
    let dataset = try Dataset(opening: path)
    var differing = 0
    for sample in 0..<dataset.sampleCount {
      let image = dataset.imageIndex(of: sample)
      let file = try Self.folder + "/" + #require(dataset.fileName(of: image))
      let part = try DecodedImage(reading: file) { _ in Extent(side: 14) }.image.converted(toChannels: 3)
      #expect(file.hasSuffix(".jpg") == (part.extent != dataset.extent(ofImage: image)), "\(file)")
      let batch = try Batch([sample], of: dataset, as: data)
      let wanted = part.resized(height: 14, width: 14)
      #expect(batch.pixels.values == wanted.pixels.map { Float($0) }, "\(file)")
      if wanted != (try dataset.image(at: image).resized(height: 14, width: 14)) { differing += 1 }
    }
    #expect(differing > 3)
  }

  @Test(arguments: [false, true]) func filesArePredictedAsTheyAreEvaluated(scaled: Bool) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("encoded.h5")
    try Self.prepare(.encoded, path)
    let run = RunDirectory(directory.path("run"))
    let configuration = Self.configuration(path, scaled: scaled)
    try run.create(for: configuration)
    try Trainer(configuration, run: run).train()
    let evaluator = try RunEvaluator(run, weights: .last)
    let evaluated = try evaluator.evaluate(as: Classification.self, split: .train).domains[0].predictions
    let dataset = try Dataset(opening: path)
    let files = try evaluated.map { try Self.folder + "/" + #require(dataset.fileName(of: $0.image)) }
    var predicted: [ImagePrediction] = []
    try ImagePredictor(evaluator).predict(ImageFiles(at: files), failed: { Issue.record("\($0)") }) {
      predicted.append($0)
    }
    #expect(predicted.count == evaluated.count && predicted.count > 5)
    let byFile = Dictionary(uniqueKeysWithValues: predicted.map { ($0.file, $0.shares[0].probability) })
    for (file, expected) in zip(files, evaluated) { #expect(byFile[file] == expected.probability, "\(file)") }
  }

  @Test func scaledDecodingNeedsEncodedImages() throws {
    let directory = try TemporaryDirectory()
    let (samples, resized) = (directory.path("samples.h5"), directory.path("resized.h5"))
    try Self.prepare(.samples, samples)
    try Self.prepare(.encoded, resized, resizing: ImageResizing(shorter: 24))
    for (path, part) in [(samples, "are stored as samples"), (resized, "to be resized when they are read")] {
      let configuration = Self.configuration(path, scaled: true)
      let run = RunDirectory(directory.path("run-\(part)"))
      let error = #expect(throws: TrainingError.self) { try Trainer(configuration, run: run) }
      #expect(error?.description.contains(part) == true && error?.description.contains("data.scaledDecoding") == true)
    }
  }

  @Test func featuresOfEncodedImagesAreThoseOfSamples() throws {
    let directory = try TemporaryDirectory()
    let maps = try [ImageStorage.samples, .encoded].map { storage in
      let path = directory.path("\(storage).h5")
      try Self.prepare(storage, path)
      let features = directory.path("\(storage)-features.h5")
      try FeatureExtraction(Self.configuration(path)).run(writingTo: features) { _ in }
      let dataset = try Dataset(opening: features)
      #expect(dataset.header.storage == .samples && dataset.fileName(of: 0) != nil)
      try dataset.verify()
      return try (0..<dataset.imageCount).map { try dataset.featureMap(at: $0) }
    }
    #expect(maps[0] == maps[1] && maps[0].count > 5)
  }
}
