internal import Autodiff
internal import Foundation
internal import Kernels
internal import Layers
internal import Networks
internal import Optimizers
internal import Tensors
internal import Training

#if canImport(Glibc)
  internal import Glibc
#endif

/// How long a study's work takes on this machine, measured by a few steps and maps on one thread that are then
/// discarded; in CPU time, so that other load on the machine does not count.
enum StudyCalibration {
  /// Seconds that a process takes to start, to read dataset and weights, and to save.
  static let secondsPerProcess = 0.15

  private static let (warmup, steps) = (2, 7)

  /// Seconds for an image forward, a third of a training step's.
  /// - Throws: `ShapeError` where the network does not fit what it is fed.
  static func secondsPerImage(_ configuration: Configuration, _ outline: DatasetOutline) throws -> Double {
    // One image alone may be a single value for a batch normalization.
    let batch = max(configuration.data.batch, 2)
    guard case .maps(let given?, let channels) = outline.input(of: configuration) else { return 0 }
    let network = try outline.description(of: configuration).network(
      channels: channels, classes: outline.outputs(of: configuration), regions: configuration.taskKind == .detection)
    let sides = configuration.data.sizes.isEmpty ? [max(given.height, given.width)] : configuration.data.sizes
    let extents = Extents((0..<batch).map { Extent(height: sides[$0 % sides.count], width: sides[$0 % sides.count]) })
    var random = RandomStream(seed: 1)
    let pixels = random.normal([extents.positionCount, channels])
    let labels = (0..<batch).map { _ in random.integer(below: outline.classes) }
    let trained = network.trainedParameters(freezing: configuration.freeze)
    var parameters = network.initialParameters(seed: 1)
    var optimizer = Optimizer(configuration.optimizer, names: parameters.names)
    var seconds: [Double] = []
    for step in 0..<warmup + steps {
      let start = clock()
      let tape = Tape(
        parameters: parameters, mode: .training(seed: UInt64(step)), precision: configuration.precision,
        isTrainable: trained.contains)
      parameters = Parameters()
      let loss = tape.softmaxCrossEntropy(
        network.forward(
          FeatureMaps(tape.constant(pixels), extents), regions: (0..<batch).map { Region(image: $0) }, on: tape
        ).logits,
        labels: labels)
      tape.backward(from: loss, into: &optimizer)
      parameters = tape.finish()
      if step >= warmup { seconds.append(Self.seconds(since: start)) }
    }
    return seconds.sorted()[steps / 2] / Double(batch) / 3
  }

  /// Seconds of one thread to make a dataset's feature maps, if it lacks them.
  /// - Throws: `FileError`, `TrainingError` or `YAMLError` where the backbone cannot be used.
  static func secondsOfFeatures(_ dataset: DerivedDataset) throws -> Double {
    guard let features = dataset.features, !FileManager.default.fileExists(atPath: dataset.path) else { return 0 }
    var configuration = try features.configuration(of: dataset.base)
    configuration.threads = 1
    let extraction = try FeatureExtraction(configuration)
    let start = clock()
    let images = try extraction.rehearse()
    return seconds(since: start) / Double(images) * Double(extraction.count)
  }

  /// Of the process; POSIX has a million ticks a second.
  private static func seconds(since start: clock_t) -> Double { Double(clock() - start) / 1e6 }
}
