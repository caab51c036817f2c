import Kernels
import Tensors

extension Tape {
  /// x + y for equal shapes, then ReLU if `fusesReLU`; both get the gradient: dx = dy = dsum.
  package func sum(_ x: Variable, _ y: Variable, fusesReLU: Bool = false) -> Variable {
    precondition(x.value.shape == y.value.shape, "sum: shapes \(x.value.shape) and \(y.value.shape)")
    var value = x.value
    Elementwise.add(y.value, to: &value)
    if fusesReLU { Elementwise.relu(&value) }
    let rectified = fusesReLU ? value : nil
    return record(value, inputs: [x, y]) { gradient, backward in
      if let rectified { Elementwise.reluGradient(output: rectified, &gradient) }
      backward.accumulate(gradient, to: x)
      backward.accumulate(gradient, to: y)
    }
  }
}
