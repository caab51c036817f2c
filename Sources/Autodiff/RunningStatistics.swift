package import Tensors

/// How a batch moves running statistics: running += momentum · (target − running), for each channel.
package struct RunningStatistics: Sendable {
  /// The index of the running mean or variance among the parameters.
  package let index: Int
  /// The batch's own, `[channels]`.
  package let target: Tensor
  /// The share of the way.
  package let momentum: Float

  /// A move of the parameter at an index.
  package init(index: Int, target: Tensor, momentum: Float) {
    (self.index, self.target, self.momentum) = (index, target, momentum)
  }

  /// Moves the parameter.
  package func move(_ running: inout Tensor) {
    for c in 0..<running.count { running[c] += momentum * (target[c] - running[c]) }
  }
}
