package import Kernels
package import Tensors

/// A value on a tape: a tensor, and where gradients for it are to go.
///
/// A constant has no place on the tape; nothing is computed for it on the way back.
package struct Variable {
  package let value: Tensor
  fileprivate let node: Int?

  /// Whether a gradient flows to it.
  package var needsGradient: Bool { node != nil }
}

/// A parameter as operations see it: a position, not a tensor, so that the tape alone holds the weight.
package struct ParameterReference: Sendable {
  package let index: Int
  /// Whether its gradient is wanted; a frozen parameter is a constant.
  package let isTrainable: Bool
}

/// The record of one step's operations, for reverse-mode differentiation (Linnainmaa 1970).
///
/// A tape owns the parameters for its step and gives them back at the end. Each operation records its value and its
/// pullback; the walk back calls the pullbacks in reverse and hands each parameter's gradient to a consumer as soon as it
/// is complete, after the layer's input gradient, so that the consumer may update the parameter at once.
package final class Tape {
  /// What the step is for.
  package enum Mode: Sendable, Equatable {
    /// Operations are recorded; dropout draws from the seed; batch normalization uses the batch.
    case training(seed: UInt64)
    /// Nothing is recorded.
    case evaluation
  }

  /// Takes the gradient by an operation's output, over which it may write, and passes on those by its inputs.
  package typealias Pullback = (_ gradient: inout Tensor, _ walk: Walk) -> Void

  package let mode: Mode
  /// What linear layers and convolutions multiply in.
  package let precision: Precision
  package private(set) var parameters: Parameters
  private let isTrainable: [Bool]
  private var nodes: [Node?] = []
  private var operations: UInt64 = 0

  private struct Node {
    let parameters: [Int]
    /// `nil` for an input, whose gradient is kept.
    let pullback: Pullback?
  }

  /// A tape over `parameters`; only those that `isTrainable` names get gradients.
  package init(
    parameters: consuming Parameters, mode: Mode, precision: Precision = .float32,
    isTrainable: (String) -> Bool = { _ in true }
  ) {
    self.mode = mode
    self.precision = precision
    self.isTrainable = parameters.names.map(isTrainable)
    self.parameters = parameters
  }

  /// Whether the step trains.
  package var isTraining: Bool { mode != .evaluation }

  /// Ends the step and gives the parameters back.
  package func finish() -> Parameters {
    nodes = []
    var result = Parameters()
    swap(&result, &parameters)
    return result
  }

  // MARK: - Values

  /// A value that gets no gradient.
  package func constant(_ value: Tensor) -> Variable { Variable(value: value, node: nil) }

  /// A value whose gradient `Walk.gradient(of:)` gives after the walk; for checks.
  package func input(_ value: Tensor) -> Variable {
    nodes.append(Node(parameters: [], pullback: nil))
    return Variable(value: value, node: nodes.count - 1)
  }

  /// The parameter of that name; traps where there is none.
  package func parameter(_ name: String) -> ParameterReference {
    guard let index = parameters.index(of: name) else {
      preconditionFailure("Tape: no parameter \(name); there are \(parameters.names)")
    }
    return ParameterReference(index: index, isTrainable: isTraining && isTrainable[index])
  }

  /// A parameter's tensor; do not keep it, or an update must copy it.
  package func value(of parameter: ParameterReference) -> Tensor { parameters[parameter.index] }

  /// Changes a parameter that is not trained by gradients, such as a running mean.
  package func update(_ parameter: ParameterReference, _ change: (inout Tensor) -> Void) {
    change(&parameters[parameter.index])
  }

  /// A seed for an operation that draws random numbers; each call gives another, the same in every run.
  package func nextSeed() -> UInt64 {
    guard case .training(let seed) = mode else { preconditionFailure("Tape: random numbers in evaluation") }
    operations += 1
    var stream = RandomStream(seed: seed, keys: operations)
    return stream.next()
  }

  // MARK: - Recording and walking back

  /// Records an operation: its value and its pullback. A constant if no input needs a gradient and no parameter is trained.
  package func record(
    _ value: Tensor, inputs: [Variable], parameters: [ParameterReference] = [], pullback: @escaping Pullback
  ) -> Variable {
    let trained = parameters.filter(\.isTrainable).map(\.index)
    guard isTraining, !trained.isEmpty || inputs.contains(where: \.needsGradient) else { return constant(value) }
    nodes.append(Node(parameters: trained, pullback: pullback))
    return Variable(value: value, node: nodes.count - 1)
  }

  /// Walks back from `output`, whose gradient is `gradient` (1 for a scalar loss), and feeds `consumer`.
  ///
  /// Returns the walk, which holds the gradients of `input` values.
  @discardableResult
  package func backward(
    from output: Variable, gradient: Tensor? = nil, into consumer: inout some GradientConsumer
  ) -> Walk {
    let walk = Walk(count: nodes.count)
    precondition(
      gradient != nil || output.value.count == 1, "backward: output of shape \(output.value.shape) needs a gradient")
    walk.accumulate(gradient ?? Tensor(repeating: 1, shape: output.value.shape), to: output)
    var uses = [Int](repeating: 0, count: parameters.count)
    for node in nodes { for index in node!.parameters { uses[index] += 1 } }
    for position in nodes.indices.reversed() {
      let node = nodes[position]!
      nodes[position] = nil
      if let pullback = node.pullback, var gradient = walk.gradients[position] {
        walk.gradients[position] = nil
        pullback(&gradient, walk)
      }
      for index in node.parameters {
        uses[index] -= 1
        guard uses[index] == 0, let gradient = walk.parameterGradients.removeValue(forKey: index) else { continue }
        consumer.consume(gradient, into: &parameters[index], at: index)
      }
    }
    nodes = []
    consumer.finish(&parameters)
    return walk
  }

  /// The state of one walk back.
  package final class Walk {
    fileprivate var gradients: [Tensor?]
    fileprivate var parameterGradients: [Int: Gradient] = [:]

    fileprivate init(count: Int) { gradients = Array(repeating: nil, count: count) }

    /// Adds to a variable's gradient; computes nothing where none is needed.
    package func accumulate(_ gradient: @autoclosure () -> Tensor, to variable: Variable) {
      guard let node = variable.node else { return }
      if gradients[node] == nil {
        gradients[node] = gradient()
      } else {
        Elementwise.add(gradient(), to: &gradients[node]!)
      }
    }

    /// Adds to a parameter's gradient; computes nothing where the parameter is frozen.
    package func accumulate(_ gradient: @autoclosure () -> Gradient, to parameter: ParameterReference) {
      guard parameter.isTrainable else { return }
      if parameterGradients[parameter.index] == nil {
        parameterGradients[parameter.index] = gradient()
      } else {
        parameterGradients[parameter.index]?.add(gradient())
      }
    }

    /// The gradient of a value made by `Tape.input`, if it reached the output.
    package func gradient(of variable: Variable) -> Tensor? { variable.node.flatMap { gradients[$0] } }
  }
}
