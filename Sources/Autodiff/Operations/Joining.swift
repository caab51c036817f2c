import Kernels
import Tensors

extension Tape {
  /// x + y, of one shape; the gradient goes to both.
  package func sum(_ x: Variable, _ y: Variable, isRectified: Bool = false) -> Variable {
    precondition(x.value.shape == y.value.shape, "sum: shapes \(x.value.shape) and \(y.value.shape)")
    var value = x.value
    Elementwise.add(y.value, to: &value)
    if isRectified { Elementwise.rectify(&value) }
    let rectified = isRectified ? value : nil
    return record(value, inputs: [x, y]) { gradient, walk in
      if let rectified { Elementwise.reluGradient(output: rectified, &gradient) }
      walk.accumulate(gradient, to: x)
      walk.accumulate(gradient, to: y)
    }
  }

  /// Rows scaled to L2 length 1: y = x / ‖x‖, dx = (dy − y·⟨y, dy⟩) / ‖x‖.
  package func unitRows(_ x: Variable) -> Variable {
    let (value, norms) = UnitRows.forward(x.value)
    return record(value, inputs: [x]) { gradient, walk in
      walk.accumulate(UnitRows.inputGradient(output: value, norms: norms, gradient: gradient), to: x)
    }
  }
}
