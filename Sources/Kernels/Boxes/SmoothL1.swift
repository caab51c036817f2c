package import Tensors

/// The smooth L1 loss of some elements of a tensor (Girshick, Fast R-CNN, 2015): d² / 2β for |d| < β, else |d| − β / 2.
///
/// With β = 0 it is |d|, and its gradient at d = 0 is 0, where torch's is −1. Source: torch `nn.functional.smooth_l1_loss`.
package struct SmoothL1: Sendable, Equatable {
  /// Where the square ends and the line begins.
  package let beta: Float

  /// A loss; traps unless β is 0 or more.
  package init(beta: Float) {
    precondition(beta >= 0, "SmoothL1: β \(beta)")
    self.beta = beta
  }

  /// Σ loss(x[place] − target) over the places, in double.
  package func sum(_ x: Tensor, at places: [Int], targets: [Float]) -> Double {
    precondition(places.count == targets.count, "SmoothL1: \(targets.count) targets for \(places.count) places")
    return x.withSpan { x in
      places.indices.reduce(0.0) { sum, index in
        let distance = abs(Double(x[places[index]] - targets[index]))
        let beta = Double(beta)
        return sum + (distance < beta ? 0.5 * distance * distance / beta : distance - 0.5 * beta)
      }
    }
  }

  /// The gradient of `factor` · `sum`, of x's shape; 0 at all other places.
  package func gradient(_ x: Tensor, at places: [Int], targets: [Float], factor: Float) -> Tensor {
    var gradient = Tensor(zeros: x.shape)
    gradient.withMutableSpan { gradient in
      x.withSpan { x in
        for (place, target) in zip(places, targets) {
          let difference = x[place] - target
          let slope: Float = difference == 0 ? 0 : difference > 0 ? 1 : -1
          gradient[place] += factor * (abs(difference) < beta ? difference / beta : slope)
        }
      }
    }
    return gradient
  }
}
