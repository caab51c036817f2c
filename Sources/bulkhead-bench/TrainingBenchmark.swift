internal import Autodiff
internal import Dispatch
package import Kernels
package import Networks
internal import Optimizers
internal import Tensors
import Training

/// Times training steps of a network on random images, without data files.
package struct TrainingBenchmark: Sendable {
  /// The network.
  package var network: NetworkDescription
  /// The number format of products.
  package var precision: Precision
  /// Images per step.
  package var batch: Int
  /// The number of classes.
  package var classes: Int
  /// Whether only the head is trained, on feature maps.
  package var isFedFeatures: Bool
  /// Channels of the images or feature maps.
  package var channels: Int
  /// The rules of frozen parameters.
  package var freeze: [FreezeRule] = []
  /// Gradient accumulation steps: the number of equal parts of a batch.
  package var accumulate = 1
  /// AdamW instead of SGD with momentum.
  package var usesAdamW = false
  /// The clock, in nanoseconds; default: wall time.
  package var now: @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds }
  /// Side lengths in pixels: image i of a batch has number i modulo their count.
  package var sizes: [Int]

  /// A benchmark of a network; default: 10 classes, gray images, float32.
  package init(
    network: NetworkDescription, batch: Int, classes: Int = 10, sizes: [Int], channels: Int = 1,
    isFedFeatures: Bool = false, precision: Precision = .float32
  ) {
    self.precision = precision
    (self.network, self.batch) = (network, batch)
    (self.classes, self.sizes, self.channels, self.isFedFeatures) = (classes, sizes, channels, isFedFeatures)
  }

  /// The milliseconds of each of `steps` steps after `warmup` untimed ones, and the last loss.
  ///
  /// - Throws: `ShapeError` if the shapes of the network's layers do not match.
  package func run(steps: Int, warmup: Int = 5) throws -> (milliseconds: [Double], loss: Float) {
    let description = isFedFeatures ? network.onFeatures(imageChannels: 3) : network
    let network = try description.network(channels: channels, classes: classes)
    var stream = RandomStream(seed: 1)
    let each = batch / accumulate
    let inputs = (0..<accumulate).map { _ in
      let extents = Extents((0..<each).map { Extent(height: sizes[$0 % sizes.count], width: sizes[$0 % sizes.count]) })
      let pixels = stream.normal([extents.positionCount, channels])
      return (extents: extents, pixels: pixels, labels: (0..<each).map { _ in stream.integer(below: classes) })
    }
    let regions = (0..<each).map { Region(image: $0) }
    let trained = network.trainedParameters(freezing: freeze)
    var parameters = network.initialParameters(seed: 1)
    var configuration = OptimizerConfiguration(usesAdamW ? .adamw(AdamW.Configuration()) : .sgd(SGD.Configuration()))
    configuration.weightDecay = 5e-4
    var optimizer = Optimizer(configuration, names: parameters.names)
    var milliseconds: [Double] = []
    var last: Float = 0
    for step in 0..<warmup + steps {
      let start = now()
      for (index, input) in inputs.enumerated() {
        optimizer.begin(share: 1 / Double(accumulate), isLast: index == accumulate - 1)
        let tape = Tape(
          parameters: parameters, mode: .training(seed: UInt64(step)), precision: precision,
          isTrainable: trained.contains)
        parameters = Parameters()
        let images = FeatureMaps(tape.constant(input.pixels), input.extents)
        let loss = tape.softmaxCrossEntropy(
          network.forward(images, regions: regions, on: tape).logits, labels: input.labels)
        tape.backward(from: loss, into: &optimizer)
        parameters = tape.finish()
        last = loss.value.scalar
      }
      let end = now()
      if step >= warmup { milliseconds.append(Double(end - start) * 1e-6) }
    }
    return (milliseconds, last)
  }
}
