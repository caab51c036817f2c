package import Kernels
package import Tensors

/// The gradients of one backward pass while its pullbacks run.
package final class BackwardPass {
  /// By node of the tape.
  var gradients: [Tensor?]
  /// By parameter index; each leaves once it is complete.
  var parameterGradients: [Int: Gradient] = [:]

  init(count: Int) { gradients = Array(repeating: nil, count: count) }

  /// Adds to a variable's gradient; does not evaluate `gradient` for a constant.
  package func accumulate(_ gradient: @autoclosure () -> Tensor, to variable: Variable) {
    guard let node = variable.node else { return }
    if gradients[node] == nil {
      gradients[node] = gradient()
    } else {
      Elementwise.add(gradient(), to: &gradients[node]!)
    }
  }

  /// Adds to a parameter's gradient; does not evaluate `gradient` for a frozen parameter.
  package func accumulate(_ gradient: @autoclosure () -> Gradient, to parameter: ParameterReference) {
    guard parameter.isTrainable else { return }
    if parameterGradients[parameter.index] == nil {
      parameterGradients[parameter.index] = gradient()
    } else {
      parameterGradients[parameter.index]?.add(gradient())
    }
  }

  /// The gradient of a value made by `Tape.input`; `nil` if the output does not depend on it.
  package func gradient(of variable: Variable) -> Tensor? { variable.node.flatMap { gradients[$0] } }
}
