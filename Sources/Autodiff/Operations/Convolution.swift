package import Kernels

extension Tape {
  /// Convolution of maps with a weight `[kh, kw, in / groups, out]` and a bias `[out]`, then ReLU if `fusesReLU`.
  ///
  /// dx = dy ⋆ weightᵀ, dweight = x ⋆ dy, dbias = Σ dy; each is computed only if it is needed.
  package func convolution(
    _ x: FeatureMaps, weight: ParameterReference, bias: ParameterReference?, _ convolution: Kernels.Convolution,
    fusesReLU: Bool = false
  ) -> FeatureMaps {
    let value = convolution.forward(
      x.variable.value, x.extents, weight: self.value(of: weight), bias: bias.map { self.value(of: $0) },
      precision: precision, fusesReLU: fusesReLU)
    // Only ReLU's gradient needs the output.
    let rectified = fusesReLU ? value : nil
    let output = record(value, inputs: [x.variable], parameters: [weight] + (bias.map { [$0] } ?? [])) {
      [unowned self] gradient, backward in
      if let rectified { Elementwise.reluGradient(output: rectified, &gradient) }
      backward.accumulate(
        convolution.inputGradient(gradient, x.extents, weight: self.value(of: weight), precision: self.precision),
        to: x.variable)
      backward.accumulate(
        .whole(convolution.weightGradient(x.variable.value, gradient, x.extents, precision: self.precision)), to: weight
      )
      if let bias { backward.accumulate(.whole(Rows.columnSums(gradient)), to: bias) }
    }
    return FeatureMaps(
      output, convolution.output(of: x.extents), spatialScale: x.spatialScale / Float(convolution.window.stride))
  }
}
