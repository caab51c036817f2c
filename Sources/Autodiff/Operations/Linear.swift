import Kernels
import Tensors

extension Tape {
  /// x·weight + bias, `[N, in]`·`[in, out]` + `[out]` → `[N, out]`, then ReLU if `fusesReLU`.
  ///
  /// dx = dy·weightᵀ, dweight = xᵀ·dy (as `Gradient.product`, not multiplied out), dbias = Σ dy.
  package func linear(
    _ x: Variable, weight: ParameterReference, bias: ParameterReference?, fusesReLU: Bool = false
  ) -> Variable {
    var value = Product.multiply(x.value, self.value(of: weight), precision: precision)
    if let bias { Rows.add(bias: self.value(of: bias), to: &value) }
    if fusesReLU { Elementwise.relu(&value) }
    let rectified = fusesReLU ? value : nil
    return record(value, inputs: [x], parameters: [weight] + (bias.map { [$0] } ?? [])) {
      [unowned self] gradient, backward in
      if let rectified { Elementwise.reluGradient(output: rectified, &gradient) }
      backward.accumulate(
        Product.multiply(gradient, self.value(of: weight), transposed: .second, precision: self.precision), to: x)
      backward.accumulate(
        .product(input: x.value, outputGradient: gradient, precision: self.precision), to: weight)
      if let bias { backward.accumulate(.whole(Rows.columnSums(gradient)), to: bias) }
    }
  }
}
