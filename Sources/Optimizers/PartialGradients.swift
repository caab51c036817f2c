import Autodiff
package import Kernels
package import Tensors

/// The gradients of those parts of a batch that one process walks, added up as far as they can be there.
package struct PartialGradients: GradientConsumer {
  /// By parameter index.
  private(set) var sums: [Int: GradientSum] = [:]
  /// The parameters that had a gradient in the part that was walked last, in the order of the backward pass.
  private(set) var order: [Int] = []
  private let first: Int
  private var part = 0
  private var share: Float = 1
  private var isLast = true

  /// Nothing yet.
  ///
  /// - Parameter first: the number of the first part that is walked here.
  package init(from first: Int) { self.first = first }

  /// Begins the backward pass of a part.
  ///
  /// - Parameters:
  ///   - part: its number in the batch.
  ///   - share: its share of the batch.
  ///   - isLast: whether it is the last one of the batch.
  package mutating func begin(_ part: Int, share: Double, isLast: Bool) {
    (self.part, self.share, self.isLast, order) = (part, Float(share), isLast, [])
  }

  /// Keeps the gradient; the parameter stays unchanged.
  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    order.append(index)
    sums[index, default: GradientSum(from: first)].add(gradient, of: part, share: share, isLast: isLast)
  }

  /// Does nothing: no gradient waits.
  package mutating func finish(_ parameters: inout Parameters) {}
}
