internal import Datasets
internal import Dispatch
internal import Tensors
internal import Training

/// Times the way of training samples from a dataset to batches, without a network behind it.
package struct DataBenchmark: Sendable {
  package var path: String
  package var batch: Int

  package init(path: String, batch: Int) { (self.path, self.batch) = (path, batch) }

  /// Milliseconds of one epoch after opening, and the bytes of the batches that were made in it.
  /// - Throws: `FileError` where the dataset cannot be read.
  package func run() throws -> (milliseconds: Double, bytes: Int) {
    let dataset = try Dataset(opening: path)
    let plan = BatchPlan(
      dataset, samples: dataset.samples(of: .train), configuration: DataConfiguration(path: path, batch: batch),
      parts: 1, seed: 1)
    let start = DispatchTime.now().uptimeNanoseconds
    let batches = Prefetcher(0..<plan.stepsPerEpoch) { try plan.batches(ofStep: $0) }
    defer { batches.stop() }
    var bytes = 0
    for _ in 0..<plan.stepsPerEpoch {
      bytes += try batches.next().reduce(0) { $0 + $1.pixels.count * MemoryLayout<Float>.stride }
    }
    return (Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6, bytes)
  }
}
