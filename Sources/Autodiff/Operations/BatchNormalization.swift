import Kernels
import Tensors

/// The four parameters of a batch normalization, each `[channels]`; mean and variance are running statistics.
package struct NormalizationParameters {
  package let scale, offset, mean, variance: ParameterReference

  package init(
    scale: ParameterReference, offset: ParameterReference, mean: ParameterReference, variance: ParameterReference
  ) {
    self.scale = scale
    self.offset = offset
    self.mean = mean
    self.variance = variance
  }
}

extension Tape {
  /// Batch normalization over all cells of all maps, and the ReLU of it where `isRectified`.
  ///
  /// In training, unless `isFrozen`, with the batch's statistics (biased variance), and the running ones move by
  /// `momentum` towards the batch's (running variance unbiased, as in torch); otherwise with the running ones.
  package func batchNormalization(
    _ x: FeatureMaps, _ parameters: NormalizationParameters, epsilon: Float, momentum: Float, isFrozen: Bool = false,
    isRectified: Bool = false
  ) -> FeatureMaps {
    let input = x.cells.value
    let usesBatch = isTraining && !isFrozen
    let statistics =
      usesBatch
      ? Normalization.statistics(of: input)
      : Normalization.Statistics(
        mean: value(of: parameters.mean), variance: value(of: parameters.variance))
    if usesBatch { move(parameters, towards: statistics, rows: input.shape[0], by: momentum) }
    let normalization = Normalization(
      statistics, scale: value(of: parameters.scale), offset: value(of: parameters.offset), epsilon: epsilon,
      isRectified: isRectified)
    let wantsSums = usesBatch || parameters.scale.isTrainable || parameters.offset.isTrainable
    let result = record(
      normalization.forward(input), inputs: [x.cells], parameters: [parameters.scale, parameters.offset]
    ) { gradient, walk in
      let sums = wantsSums ? normalization.parameterGradients(input, gradient) : nil
      if x.cells.needsGradient {
        normalization.inputGradient(input, &gradient, sums: usesBatch ? sums : nil)
        walk.accumulate(gradient, to: x.cells)
      }
      if let sums {
        walk.accumulate(.whole(sums.scale), to: parameters.scale)
        walk.accumulate(.whole(sums.offset), to: parameters.offset)
      }
    }
    return FeatureMaps(result, x.extents, scale: x.scale)
  }

  private func move(
    _ parameters: NormalizationParameters, towards batch: Normalization.Statistics, rows: Int, by momentum: Float
  ) {
    let unbiased = rows > 1 ? Float(rows) / Float(rows - 1) : 1
    for (reference, target, factor) in [
      (parameters.mean, batch.mean, 1), (parameters.variance, batch.variance, unbiased),
    ] {
      update(reference) { running in
        for c in 0..<running.count { running[c] += momentum * (factor * target[c] - running[c]) }
      }
    }
  }
}
