package import Autodiff
package import Kernels
package import Tensors

/// Sums the gradients of the parts of a batch, each by its share, and hands on the sums with the last part.
///
/// With shares that add to 1 the sum is the gradient of the whole batch's mean loss. A batch in one part goes straight on.
package struct GradientAccumulation<Next: GradientConsumer>: GradientConsumer {
  package var next: Next
  private var share: Float = 1
  private var isLast = true
  private var sums: [Int: Gradient] = [:]

  package init(next: Next) { self.next = next }

  /// Says before each walk what share of the batch the part is, and whether it is the last.
  package mutating func begin(share: Double, isLast: Bool) {
    self.share = Float(share)
    self.isLast = isLast
  }

  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    let part = gradient.scaled(by: share)
    let sum = sums.removeValue(forKey: index).map { $0 + part } ?? part
    if isLast {
      next.consume(sum, into: &parameter, at: index)
    } else {
      sums[index] = sum
    }
  }

  package mutating func finish(_ parameters: inout Parameters) {
    guard isLast else { return }
    for index in sums.keys.sorted() { next.consume(sums[index]!, into: &parameters[index], at: index) }
    sums = [:]
    next.finish(&parameters)
  }
}

/// The optimizer of a run: accumulation, then clipping, then SGD.
package typealias Optimizer = GradientAccumulation<GradientClipping<SGD>>

extension GradientAccumulation where Next == GradientClipping<SGD> {
  /// The optimizer that a configuration describes.
  package init(_ configuration: SGD.Configuration, names: [String], velocities: Parameters = Parameters()) {
    let epsilon = configuration.convention == .caffe ? 0 : 1e-6
    self.init(
      next: GradientClipping(
        limit: configuration.clip, epsilon: epsilon, next: SGD(configuration, names: names, velocities: velocities)))
  }

  /// The SGD at the end of the chain.
  package var sgd: SGD {
    get { next.next }
    _modify { yield &next.next }
  }
}
