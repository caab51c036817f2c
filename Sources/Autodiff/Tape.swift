package import Kernels
package import Tensors

/// A value on a tape: a tensor and the node that receives its gradient.
///
/// A constant has no node; the backward pass computes nothing for it.
package struct Variable {
  /// The tensor.
  package let value: Tensor
  let node: Int?

  /// Whether a gradient flows to it.
  package var needsGradient: Bool { node != nil }
}

/// A parameter as operations see it: an index, not a tensor. The tape alone holds the weight and can update it in place.
package struct ParameterReference: Sendable {
  /// The parameter's index in `Tape.parameters`.
  package let index: Int
  /// Whether it gets a gradient; a frozen parameter is a constant.
  package let isTrainable: Bool
}

/// The record of one step's operations, for reverse-mode differentiation (Linnainmaa 1970).
///
/// A tape owns the parameters for its step and gives them back at the end. Each operation records its value and its
/// pullback. The backward pass calls the pullbacks in reverse. It hands each parameter's gradient to a consumer as soon as
/// the gradient is complete, after the layer's input gradient: the consumer may update the parameter at once.
package final class Tape {
  /// The purpose of the step.
  package enum Mode: Sendable, Equatable {
    /// Operations are recorded; dropout draws from the seed; batch normalization uses the batch.
    case training(seed: UInt64)
    /// Nothing is recorded.
    case evaluation
  }

  /// Takes the gradient with respect to an operation's output, may overwrite it, and accumulates those of its inputs.
  package typealias Pullback = (_ gradient: inout Tensor, _ backward: BackwardPass) -> Void

  /// Training or evaluation.
  package let mode: Mode
  /// The number format of the products in linear layers and convolutions.
  package let precision: Precision
  /// The parameters, until `finish` gives them back.
  package private(set) var parameters: Parameters
  private let isTrainable: [Bool]
  private var nodes: [Node?] = []
  private var operations: UInt64 = 0
  /// How the training step moves running statistics, in order; nil where they are moved at once.
  package private(set) var statistics: [RunningStatistics]?

  private struct Node {
    let parameters: [Int]
    /// `nil` for an input, whose gradient is kept.
    let pullback: Pullback?
  }

  /// A tape over `parameters`; only those whose name `isTrainable` accepts get gradients.
  ///
  /// - Parameter keepsStatistics: whether running statistics stay unchanged, and `statistics` says how they are to move.
  package init(
    parameters: consuming Parameters, mode: Mode, precision: Precision = .float32, keepsStatistics: Bool = false,
    isTrainable: (String) -> Bool = { _ in true }
  ) {
    self.mode = mode
    self.precision = precision
    statistics = keepsStatistics ? [] : nil
    self.isTrainable = parameters.names.map(isTrainable)
    self.parameters = parameters
  }

  /// Whether the mode is training.
  package var isTraining: Bool { mode != .evaluation }

  /// Ends the step and gives the parameters back.
  package func finish() -> Parameters {
    nodes = []
    var result = Parameters()
    swap(&result, &parameters)
    return result
  }

  // MARK: - Values

  /// A value without a gradient.
  package func constant(_ value: Tensor) -> Variable { Variable(value: value, node: nil) }

  /// A value whose gradient `BackwardPass.gradient(of:)` returns after the backward pass; for checks.
  package func input(_ value: Tensor) -> Variable {
    nodes.append(Node(parameters: [], pullback: nil))
    return Variable(value: value, node: nodes.count - 1)
  }

  /// The parameter of that name; traps if there is none.
  package func parameter(_ name: String) -> ParameterReference {
    guard let index = parameters.index(of: name) else {
      preconditionFailure("Tape: no parameter \(name); there are \(parameters.names)")
    }
    return ParameterReference(index: index, isTrainable: isTraining && isTrainable[index])
  }

  /// A parameter's tensor; a copy that is kept makes the update copy it.
  package func value(of parameter: ParameterReference) -> Tensor { parameters[parameter.index] }

  /// Moves running statistics, or notes how they are to move.
  func move(_ statistics: RunningStatistics) {
    if self.statistics == nil {
      statistics.move(&parameters[statistics.index])
    } else {
      self.statistics?.append(statistics)
    }
  }

  /// A seed for an operation that draws random numbers; differs per call, not per run. Traps in evaluation.
  package func nextSeed() -> UInt64 {
    guard case .training(let seed) = mode else { preconditionFailure("Tape: random numbers in evaluation") }
    operations += 1
    var stream = RandomStream(seed: seed, keys: operations)
    return stream.next()
  }

  // MARK: - Recording and the backward pass

  /// Records an operation: its value and its pullback.
  ///
  /// - Returns: a constant if no input needs a gradient and no parameter is trainable.
  package func record(
    _ value: Tensor, inputs: [Variable], parameters: [ParameterReference] = [], pullback: @escaping Pullback
  ) -> Variable {
    let trained = parameters.filter(\.isTrainable).map(\.index)
    guard isTraining, !trained.isEmpty || inputs.contains(where: \.needsGradient) else { return constant(value) }
    nodes.append(Node(parameters: trained, pullback: pullback))
    return Variable(value: value, node: nodes.count - 1)
  }

  /// Runs the backward pass from `output` and hands the parameters' gradients to `consumer`.
  ///
  /// - Parameter gradient: the gradient with respect to `output`, of its shape; default 1, for a scalar loss.
  /// - Returns: the pass, which holds the gradients of `input` values.
  @discardableResult
  package func backward(
    from output: Variable, gradient: Tensor? = nil, into consumer: inout some GradientConsumer
  ) -> BackwardPass {
    let pass = BackwardPass(count: nodes.count)
    precondition(
      gradient != nil || output.value.count == 1, "backward: output of shape \(output.value.shape) needs a gradient")
    pass.accumulate(gradient ?? Tensor(repeating: 1, shape: output.value.shape), to: output)
    var uses = [Int](repeating: 0, count: parameters.count)
    for node in nodes { for index in node!.parameters { uses[index] += 1 } }
    for position in nodes.indices.reversed() {
      let node = nodes[position]!
      nodes[position] = nil
      if let pullback = node.pullback, var gradient = pass.gradients[position] {
        pass.gradients[position] = nil
        pullback(&gradient, pass)
      }
      for index in node.parameters {
        uses[index] -= 1
        guard uses[index] == 0, let gradient = pass.parameterGradients.removeValue(forKey: index) else { continue }
        consumer.consume(gradient, into: &parameters[index], at: index)
      }
    }
    nodes = []
    consumer.finish(&parameters)
    return pass
  }
}
