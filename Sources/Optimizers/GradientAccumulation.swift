package import Kernels

/// Gradient accumulation: sums the gradients of the parts of a batch and passes the sums on with the last part.
///
/// Each part is weighted by its share of the batch. Shares that add up to 1 give the gradient of the batch's mean loss. A
/// batch of one part passes unchanged. Sums of products stay products if that takes less memory; see `Gradient.add`. The
/// order of the sum is that of `GradientSum`.
package struct GradientAccumulation: GradientStage {
  private var share: Float = 1
  private var part = 0
  private var isLast = true
  private var sums: [Int: GradientSum] = [:]

  /// A stage without sums; default: batches of one part.
  package init() {}

  /// Sets the weight of the part's gradients, and whether the sums are passed on.
  package mutating func begin(share: Double, isLast: Bool) {
    part = self.isLast ? 0 : part + 1
    (self.share, self.isLast) = (Float(share), isLast)
  }

  /// The sum, with the last part; `nil` before.
  package mutating func passed(_ gradient: Gradient, at index: Int) -> Gradient? {
    if isLast, sums[index] == nil { return gradient.scaled(by: share) }
    sums[index, default: GradientSum()].add(gradient, of: part, share: share, isLast: isLast)
    guard isLast, var sum = sums.removeValue(forKey: index) else { return nil }
    return sum.total()
  }

  /// The sums of parameters that had no gradient in the last part.
  package mutating func released() -> (index: Int, gradient: Gradient)? {
    guard isLast, let index = sums.keys.min(), var sum = sums.removeValue(forKey: index) else { return nil }
    return (index, sum.total())
  }

  /// Discards the sums.
  package mutating func reset() { (sums, part, isLast) = ([:], 0, true) }
}
