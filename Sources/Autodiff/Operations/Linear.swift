import Kernels
import Tensors

extension Tape {
  /// x·weight + bias: `[rows, in]`·`[in, out]` + `[out]`, and the ReLU of it where `isRectified`.
  ///
  /// dx = dy·weightᵀ, dweight = xᵀ·dy (handed on as a product), dbias = Σ dy.
  package func linear(
    _ x: Variable, weight: ParameterReference, bias: ParameterReference?, isRectified: Bool = false
  ) -> Variable {
    var value = Product.multiply(x.value, self.value(of: weight), precision: precision)
    if let bias { Rows.add(bias: self.value(of: bias), to: &value) }
    if isRectified { Elementwise.rectify(&value) }
    let rectified = isRectified ? value : nil
    return record(value, inputs: [x], parameters: [weight] + (bias.map { [$0] } ?? [])) {
      [unowned self] gradient, walk in
      if let rectified { Elementwise.reluGradient(output: rectified, &gradient) }
      walk.accumulate(
        Product.multiply(gradient, self.value(of: weight), transposed: .second, precision: self.precision), to: x)
      walk.accumulate(
        .product(input: x.value, outputGradient: gradient, precision: self.precision), to: weight)
      if let bias { walk.accumulate(.whole(Rows.columnSums(gradient)), to: bias) }
    }
  }
}
