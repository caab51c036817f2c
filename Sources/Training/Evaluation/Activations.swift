internal import Autodiff
package import Datasets
internal import Kernels
internal import Layers
internal import Networks
internal import Support
package import Tensors

/// Activations of a network's layers for some samples.
package struct Activations: Sendable {
  /// Of each layer with weights, in their order, by its path: `[samples, numbers]`; a map is averaged to 8×8 cells, so
  /// that maps of all extents are comparable.
  package private(set) var layers: [(path: String, values: Tensor)] = []
  /// The evaluated samples, without regions that a crop excludes.
  package private(set) var samples: [Int] = []
  /// The output of the last layer, `[samples, outputs]`; a classifier's logits.
  package private(set) var logits: Tensor

  private static let side = 8

  /// Runs a network over batches.
  ///
  /// - Parameters:
  ///   - wanted: whether layers are kept beside the logits.
  ///   - shouldStop: polled before each batch.
  /// - Throws: `Interruption.stopped` if a stop was requested.
  package init(
    of evaluator: Evaluator, on batches: [Batch], layers wanted: Bool = true, shouldStop: () -> Bool
  ) throws {
    var values: [String: [Float]] = [:]
    var order: [String] = []
    var scores: [Float] = []
    for batch in batches {
      if shouldStop() { throw Interruption.stopped }
      samples += batch.samples
      let tape = Tape(parameters: evaluator.parameters, mode: .evaluation)
      let maps = batch.maps(on: tape)
      let outputs = evaluator.network.forward(maps, regions: batch.regions, on: tape) { layer, activation in
        guard wanted, layer.hasWeights else { return }
        if values[layer.path] == nil { order.append(layer.path) }
        values[layer.path, default: []] += Self.rows(of: activation)
      }
      scores += Self.rows(of: outputs.main)
    }
    let count = samples.count
    layers = order.map { path in
      let rows = values[path] ?? []
      return (path, Tensor(rows, shape: [count, rows.count / max(count, 1)]))
    }
    logits = Tensor(scores, shape: [count, scores.count / max(count, 1)])
  }

  private static func rows(of activation: Activation) -> [Float] {
    guard case .maps(let maps) = activation else { return activation.value.values }
    let channels = maps.channels
    var result = [Float](repeating: 0, count: maps.extents.maps.count * side * side * channels)
    maps.variable.value.withSpan { cells in
      var target = 0
      for (index, extent) in maps.extents.maps.enumerated() {
        let first = maps.extents.range(index).lowerBound
        for row in 0..<side {
          let rows = row * extent.height / side..<((row + 1) * extent.height + side - 1) / side
          for column in 0..<side {
            let columns = column * extent.width / side..<((column + 1) * extent.width + side - 1) / side
            let share = 1 / Float(rows.count * columns.count)
            for y in rows {
              for x in columns {
                let cell = (first + y * extent.width + x) * channels
                for channel in 0..<channels { result[target + channel] += share * cells[cell + channel] }
              }
            }
            target += channels
          }
        }
      }
    }
    return result
  }
}

extension RunEvaluator {
  /// Samples of a dataset as the run reads them, regardless of their classes.
  /// - Throws: `TrainingError` where the network does not take the dataset's images, `FileError` where one cannot be
  ///   read.
  package func batches(of samples: [Int], in dataset: Dataset) throws -> [Batch] {
    try requireInput(dataset)
    try evaluator.data.requireEvaluation(of: samples, in: dataset, by: evaluator.network)
    return try stride(from: 0, to: samples.count, by: evaluator.batch).map { start in
      try Batch(
        Array(samples[start..<min(start + evaluator.batch, samples.count)]), of: dataset, as: evaluator.data)
    }
  }
}
