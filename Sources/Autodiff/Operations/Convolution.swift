package import Kernels

extension Tape {
  /// Convolution of maps with a weight `[kh, kw, in, out]` and a bias `[out]`, and the ReLU of it where `isRectified`.
  ///
  /// dx = dy ⋆ weightᵀ, dweight = x ⋆ dy, dbias = Σ dy; each only where it is wanted.
  package func convolution(
    _ x: FeatureMaps, weight: ParameterReference, bias: ParameterReference?, _ convolution: Kernels.Convolution,
    isRectified: Bool = false
  ) -> FeatureMaps {
    let value = convolution.forward(
      x.cells.value, x.extents, weight: self.value(of: weight), bias: bias.map { self.value(of: $0) },
      precision: precision, isRectified: isRectified)
    // Without ReLU the way back does not want it.
    let rectified = isRectified ? value : nil
    let output = record(value, inputs: [x.cells], parameters: [weight] + (bias.map { [$0] } ?? [])) {
      [unowned self] gradient, walk in
      if let rectified { Elementwise.reluGradient(output: rectified, &gradient) }
      walk.accumulate(
        convolution.inputGradient(gradient, x.extents, weight: self.value(of: weight), precision: self.precision),
        to: x.cells)
      walk.accumulate(
        .whole(convolution.weightGradient(x.cells.value, gradient, x.extents, precision: self.precision)), to: weight)
      if let bias { walk.accumulate(.whole(Rows.columnSums(gradient)), to: bias) }
    }
    return FeatureMaps(output, convolution.output(of: x.extents), scale: x.scale / Float(convolution.stride))
  }
}
