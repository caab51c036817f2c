internal import Autodiff
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
/// discarded; in CPU time, so that other load on the machine does not count. Each network is measured once.
package final class StudyCalibration {
  /// Seconds that a process takes to start, to read dataset and weights, and to save.
  static let secondsPerProcess = 0.15

  private static let (warmup, steps) = (2, 7)
  /// Seconds after which no further step is measured.
  private static let patience = 3.0

  private var speeds: [String: Double] = [:]

  /// Nothing is measured yet.
  package init() {}

  /// Seconds for an image forward, a third of a training step's.
  /// - Throws: `ShapeError` where the network does not fit what it is fed.
  func secondsPerImage(_ configuration: Configuration, _ outline: DatasetOutline) throws -> Double {
    let data = configuration.data
    let input = "\(data.sizes) \(data.batch) \(outline.input(of: configuration)) \(outline.classes)"
    let key = "\(configuration.network) \(configuration.freeze) \(configuration.precision) \(input)"
    if let known = speeds[key] { return known }
    let seconds = try Self.secondsPerImage(configuration, outline)
    speeds[key] = seconds
    return seconds
  }

  /// Seconds of one thread for the feature map of an image, without decoding it.
  /// - Throws: `ShapeError` or `TrainingError` where the backbone cannot be used.
  func secondsPerMap(_ configuration: Configuration, _ outline: DatasetOutline) throws -> Double {
    let key = "map \(configuration.network) \(outline.input(of: configuration))"
    if let known = speeds[key] { return known }
    let seconds = try Self.secondsPerMap(configuration, outline)
    speeds[key] = seconds
    return seconds
  }

  private static func secondsPerImage(_ configuration: Configuration, _ outline: DatasetOutline) throws -> Double {
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
    let beginning = clock()
    for step in 0..<warmup + steps where seconds.isEmpty || Self.seconds(since: beginning) < patience {
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
    return seconds.sorted()[seconds.count / 2] / Double(batch) / 3
  }

  private static func secondsPerMap(_ configuration: Configuration, _ outline: DatasetOutline) throws -> Double {
    guard case .maps(let given?, let channels) = outline.input(of: configuration) else { return 0 }
    let network = try configuration.resolved().network.backbone.network(channels: channels, classes: outline.classes)
    let parameters = network.initialParameters(seed: 1)
    let extents = Extents([given, given])
    var random = RandomStream(seed: 1)
    let pixels = random.normal([extents.positionCount, channels])
    var seconds = Double.infinity
    for _ in 0..<2 {
      let start = clock()
      let tape = Tape(parameters: parameters, mode: .evaluation)
      _ = network.forward(FeatureMaps(tape.constant(pixels), extents), regions: [], on: tape)
      seconds = min(seconds, Self.seconds(since: start))
    }
    return seconds / 2
  }

  /// Of the process; POSIX has a million ticks a second.
  private static func seconds(since start: clock_t) -> Double { Double(clock() - start) / 1e6 }
}
