import Kernels
import Tensors

extension Tape {
  /// L2 normalization of each row of `[N, features]`: y = x / ‖x‖, dx = (dy − y·⟨y, dy⟩) / ‖x‖.
  package func l2Normalization(_ x: Variable) -> Variable {
    let (value, norms) = L2Normalization.forward(x.value)
    return record(value, inputs: [x]) { gradient, backward in
      backward.accumulate(L2Normalization.inputGradient(output: value, norms: norms, gradient: gradient), to: x)
    }
  }
}
