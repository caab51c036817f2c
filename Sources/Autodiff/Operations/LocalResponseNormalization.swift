package import Kernels

extension Tape {
  /// Local response normalization of maps across channels; see `Kernels.LocalResponseNormalization`.
  package func localResponseNormalization(
    _ x: FeatureMaps, _ normalization: Kernels.LocalResponseNormalization
  ) -> FeatureMaps {
    let value = record(normalization.forward(x.variable.value), inputs: [x.variable]) { gradient, backward in
      backward.accumulate(normalization.inputGradient(gradient, input: x.variable.value), to: x.variable)
    }
    return FeatureMaps(value, x.extents, spatialScale: x.spatialScale)
  }
}
