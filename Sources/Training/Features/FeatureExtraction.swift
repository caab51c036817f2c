internal import Autodiff
internal import Datasets
internal import Foundation
internal import Kernels
internal import Layers
internal import Networks
internal import Support
internal import Tensors
package import Weights

/// Runs a frozen backbone once over a dataset of images and writes its feature maps as a dataset.
///
/// Finished maps are kept beside the output, so that an interrupted extraction resumes where it stopped.
package struct FeatureExtraction {
  private let configuration: Configuration
  private let dataset: Dataset
  private let network: Network
  private let parameters: Parameters
  private let backbone: FeatureBackbone
  /// Images with a sample, and each one's samples.
  private let images: [(index: Int, samples: [Int])]
  /// The table of the weights that were loaded, if any were.
  package let loaded: LoadingPlan?

  /// What the backbone runs on.
  private let pool: ThreadPool
  /// Images per forward pass.
  private static let batch = 8

  /// The backbone, weights and images that a configuration names; its head, optimizer and epochs do not matter.
  ///
  /// - Throws: `FileError` or `TrainingError` for data or weights that cannot be used.
  package init(_ configuration: Configuration) throws {
    let configuration = try configuration.resolved()
    let data = configuration.data
    pool = ThreadPool(threads: configuration.threads)
    let dataset = try Dataset(opening: data.path)
    guard dataset.header.features == nil else {
      throw TrainingError("\(data.path): holds feature maps already, expected images")
    }
    let channels = try data.channels(of: dataset)
    let description = configuration.network.backbone
    network = try description.network(channels: channels, classes: dataset.classNames.count)
    var given = Parameters()
    var loaded: LoadingPlan?
    var weights: String?
    if let settings = configuration.weights {
      let names = Set(network.layers.flatMap { [$0.name, $0.path] })
      var plan = try LoadingPlan(
        network, input: nil, from: WeightsFile(opening: settings),
        renaming: settings.rename.filter { names.contains($0.key) })
      given = try pool.use { try plan.load() }
      plan.noteZeros(in: given)
      loaded = plan
      weights = URL(fileURLWithPath: settings.from).lastPathComponent + " " + String(given.checksum, radix: 16)
    }
    parameters = network.initialParameters(seed: configuration.seed, given: given)
    backbone = FeatureBackbone(configuration, channels: channels, weights: weights)
    var samples: [Int: [Int]] = [:]
    for split in Split.allCases {
      for sample in dataset.samples(of: split) { samples[dataset.imageIndex(of: sample), default: []].append(sample) }
    }
    images = samples.keys.sorted().map { ($0, samples[$0]!) }
    try data.requireEvaluation(of: images.flatMap(\.samples), in: dataset, by: network)
    self.loaded = loaded
    self.dataset = dataset
    self.configuration = configuration
  }

  /// The number of images.
  package var count: Int { images.count }

  /// Extracts the remaining maps, then writes the dataset.
  ///
  /// - Parameters:
  ///   - progress: called with the number of images that are done, first with those that were before.
  ///   - shouldStop: polled before each batch.
  /// - Throws: `Interruption.stopped` with finished work kept, `FileError` if something cannot be read or written.
  package func run(
    writingTo path: String, shouldStop: () -> Bool = { false }, progress: (_ done: Int) -> Void
  ) throws {
    try pool.use { try extract(to: path, shouldStop, progress) }
  }

  private func extract(to path: String, _ shouldStop: () -> Bool, _ progress: (_ done: Int) -> Void) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(backbone), as: UTF8.self)
    let (channels, scale) = try shape()
    let log = try FeatureMapLog(
      path: path + ".features", header: "\(dataset.name) \(images.count) \(text)", channels: channels)
    // Batches are always the same, as a map's bits may depend on its batch.
    try log.cut(to: log.count / Self.batch * Self.batch)
    progress(log.count)
    let start = log.count
    let batches = Prefetcher(batches: 0..<(images.count - start + Self.batch - 1) / Self.batch) {
      [images, dataset, configuration] index in
      let first = start + index * Self.batch
      let samples = images[first..<min(first + Self.batch, images.count)].flatMap(\.samples)
      return try Batch(samples, of: dataset, as: configuration.data)
    }
    defer { batches.stop() }
    while log.count < images.count {
      if shouldStop() {
        try log.flush()
        throw Interruption.stopped
      }
      let batch = try batches.next()
      let maps = features(of: batch)
      for (index, extent) in maps.extents.maps.enumerated() {
        let cells = maps.extents.range(index)
        let values = maps.variable.value.withSpan { span in
          (cells.lowerBound * channels..<cells.upperBound * channels).map { span[$0] }
        }
        try log.append(values, height: extent.height, width: extent.width)
        crashPoint("features.map")
      }
      progress(log.count)
    }
    try write(log, to: path, origin: FeatureOrigin(scale: scale, backbone: text), channels: channels, shouldStop)
    crashPoint("features.written")
    log.remove()
  }

  private func features(of batch: Batch) -> FeatureMaps {
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let images = FeatureMaps(tape.constant(batch.pixels), batch.extents)
    guard case .maps(let maps) = network.forward(images, regions: [], on: tape).main else {
      preconditionFailure("FeatureExtraction: the backbone ends in features")
    }
    return maps
  }

  /// Channels and scale of the maps, seen on the first image.
  private func shape() throws -> (channels: Int, scale: Float) {
    let maps = features(of: try Batch(images[0].samples, of: dataset, as: configuration.data))
    return (maps.channels, maps.spatialScale)
  }

  private func write(
    _ log: FeatureMapLog, to path: String, origin: FeatureOrigin, channels: Int, _ shouldStop: () -> Bool
  ) throws {
    var header = dataset.header
    (header.channels, header.features, header.storage) = (channels, origin, .samples)
    var writer = try DatasetWriter(path: path, header: header)
    for (place, (index, samples)) in images.enumerated() {
      if shouldStop() { throw Interruption.stopped }
      crashPoint("features.write")
      let extent = dataset.extent(ofImage: index)
      let transform = configuration.data.evaluationTransform(of: extent)
      let (values, height, width) = try log.map(at: place)
      let regions = samples.map { dataset.region(of: $0) { transform.box($0, of: extent) } }
      try writer.append(
        values, height: height, width: width, regions: regions,
        proposals: transform.proposals(dataset.proposals(ofImage: index), of: extent),
        fileName: dataset.fileName(of: index))
    }
    let places = Dictionary(uniqueKeysWithValues: images.enumerated().map { ($1.index, $0) })
    var splits: [Split: [Int]] = [:]
    for split in Split.allCases {
      splits[split] = Set(dataset.samples(of: split).map { places[dataset.imageIndex(of: $0)]! }).sorted()
    }
    try writer.finish(splits: splits)
  }
}
