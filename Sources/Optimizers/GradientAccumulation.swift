package import Kernels

/// Sums the gradients of the parts of a batch, each times its share, and lets the sums through with the last part.
///
/// With shares that add to 1 the sum is the gradient of the whole batch's mean loss. A batch in one part goes straight on.
/// Sums of products stay products where that takes less memory; see `Gradient.add`.
package struct GradientAccumulation: GradientStage {
  private var share: Float = 1
  private var isLast = true
  private var sums: [Int: Gradient] = [:]

  package init() {}

  package mutating func begin(share: Double, isLast: Bool) {
    self.share = Float(share)
    self.isLast = isLast
  }

  package mutating func passed(_ gradient: Gradient, at index: Int) -> Gradient? {
    if sums[index] != nil {
      sums[index]?.add(gradient, times: share)
    } else if isLast {
      return gradient.scaled(by: share)
    } else {
      sums[index] = gradient.scaled(by: share).compact()
    }
    return isLast ? sums.removeValue(forKey: index) : nil
  }

  package mutating func released() -> (index: Int, gradient: Gradient)? {
    guard isLast, let index = sums.keys.min(), let sum = sums.removeValue(forKey: index) else { return nil }
    return (index, sum)
  }

  package mutating func reset() { sums = [:] }
}
