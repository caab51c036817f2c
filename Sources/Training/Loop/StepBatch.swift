/// The parts of a step's batch that a process walks, with what it must know of the others.
struct StepBatch<Task: TrainingTask> {
  /// Those parts that have a sample.
  let parts: [TaskBatch<Task>]
  /// The number of the first of them in the batch.
  let first: Int
  /// The samples of the whole batch.
  let samples: [Int]
  /// Of all parts; see `TrainingTask.weight`.
  private let weights: [Double]
  private let totalWeight: Double

  /// - Parameters:
  ///   - samples: of each part of the whole batch.
  ///   - weights: of each of them.
  init(_ parts: [TaskBatch<Task>], from first: Int, samples: [[Int]], weights: [Double]) {
    (self.parts, self.first, self.weights) = (parts, first, weights)
    self.samples = samples.flatMap(\.self)
    totalWeight = weights.reduce(0, +)
  }

  /// The number of parts of the whole batch.
  var count: Int { weights.count }

  /// The share of a part's loss in the batch's.
  func share(ofPart index: Int) -> Double { weights[index] / totalWeight }
}
