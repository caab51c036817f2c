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

/// The optimizer of a run: accumulation, then a look at every sum, then clipping, then SGD.
package typealias Optimizer = GradientAccumulation<FiniteGradients<GradientClipping<SGD>>>

extension GradientAccumulation where Next == FiniteGradients<GradientClipping<SGD>> {
  /// The optimizer that a configuration describes.
  ///
  /// - Parameter isAllOrNothing: whether a step with a gradient that is not finite changes nothing at all.
  package init(
    _ configuration: SGD.Configuration, names: [String], velocities: Parameters = Parameters(),
    isAllOrNothing: Bool = false
  ) {
    let epsilon = configuration.convention == .caffe ? 0 : 1e-6
    let sgd = SGD(configuration, names: names, velocities: velocities)
    let clipping = GradientClipping(limit: configuration.clip, epsilon: epsilon, next: sgd)
    self.init(next: FiniteGradients(holds: isAllOrNothing, next: clipping))
  }

  /// The SGD at the end of the chain.
  package var sgd: SGD {
    get { next.next.next }
    _modify { yield &next.next.next }
  }

  /// The place of the first parameter whose gradient in the step was not finite.
  package var firstBad: Int? { next.firstBad }

  /// Forgets a step that was given up.
  package mutating func reset() {
    sums = [:]
    next.reset()
  }
}
