import Kernels
import Tensors

/// The four parameters of a batch normalization, each `[channels]`; mean and variance are running statistics.
package struct BatchNormalizationParameters {
  /// scale is γ and offset β (trained); mean and variance are the running statistics.
  package let scale, offset, mean, variance: ParameterReference

  /// The parameters of one layer, on one tape.
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
  /// Batch normalization per channel over all positions of all maps, then ReLU if `fusesReLU` (Ioffe, Szegedy 2015).
  ///
  /// y = scale·(x − mean) / √(variance + ε) + offset. In training it uses the batch's mean and biased variance and moves the
  /// running statistics towards the batch's by `momentum` (the running variance is unbiased, as in torch). In evaluation, or
  /// if `isFrozen`, it uses the running statistics and leaves them unchanged.
  package func batchNormalization(
    _ x: FeatureMaps, _ parameters: BatchNormalizationParameters, epsilon: Float, momentum: Float,
    isFrozen: Bool = false,
    fusesReLU: Bool = false
  ) -> FeatureMaps {
    let input = x.variable.value
    let usesBatch = isTraining && !isFrozen
    let statistics =
      usesBatch
      ? BatchNormalization.statistics(of: input)
      : BatchNormalization.Statistics(
        mean: value(of: parameters.mean), variance: value(of: parameters.variance))
    if usesBatch { move(parameters, towards: statistics, rows: input.shape[0], by: momentum) }
    let normalization = BatchNormalization(
      statistics, scale: value(of: parameters.scale), offset: value(of: parameters.offset), epsilon: epsilon,
      fusesReLU: fusesReLU)
    let needsSums = usesBatch || parameters.scale.isTrainable || parameters.offset.isTrainable
    let result = record(
      normalization.forward(input), inputs: [x.variable], parameters: [parameters.scale, parameters.offset]
    ) { gradient, backward in
      let sums = needsSums ? normalization.parameterGradients(input, gradient) : nil
      if x.variable.needsGradient {
        normalization.inputGradient(input, &gradient, sums: usesBatch ? sums : nil)
        backward.accumulate(gradient, to: x.variable)
      }
      if let sums {
        backward.accumulate(.whole(sums.scale), to: parameters.scale)
        backward.accumulate(.whole(sums.offset), to: parameters.offset)
      }
    }
    return FeatureMaps(result, x.extents, spatialScale: x.spatialScale)
  }

  private func move(
    _ parameters: BatchNormalizationParameters, towards batch: BatchNormalization.Statistics, rows: Int,
    by momentum: Float
  ) {
    let unbiased = Float(rows) / Float(rows - 1)
    move(RunningStatistics(index: parameters.mean.index, target: batch.mean, momentum: momentum))
    let variance = Elementwise.scale(batch.variance, by: unbiased)
    move(RunningStatistics(index: parameters.variance.index, target: variance, momentum: momentum))
  }
}
