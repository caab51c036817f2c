internal import Datasets
internal import Dispatch
internal import Support
internal import Tensors
internal import Training

/// Times the batches of one epoch of a dataset, without a network.
package struct DataBenchmark: Sendable {
  /// The path of the dataset.
  package var path: String
  /// Images per step.
  package var batch: Int

  /// A benchmark of a dataset.
  package init(path: String, batch: Int) { (self.path, self.batch) = (path, batch) }

  /// The milliseconds of one epoch after opening the dataset, and the size of its batches in bytes.
  ///
  /// - Throws: `FileError` if the dataset cannot be read.
  package func run() throws -> (milliseconds: Double, bytes: Int) {
    let dataset = try Dataset(opening: path)
    let plan = BatchPlan(
      dataset, samples: dataset.samples(of: .train), configuration: DataConfiguration(path: path, batch: batch),
      parts: 1, seed: 1)
    let start = DispatchTime.now().uptimeNanoseconds
    let batches = Prefetcher(batches: 0..<plan.stepsPerEpoch) { try plan.batches(ofStep: $0) }
    defer { batches.stop() }
    var bytes = 0
    for _ in 0..<plan.stepsPerEpoch {
      bytes += try batches.next().reduce(0) { $0 + $1.pixels.count * MemoryLayout<Float>.stride }
    }
    return (Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6, bytes)
  }
}
