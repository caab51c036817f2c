package import Tensors

extension Tensor {
  /// How far the values are from others of the same shape: ‖w − w₀‖ / ‖w₀‖; nil where the shapes differ or w₀ is 0.
  package func relativeChange(from old: Tensor) -> Double? {
    guard old.shape == shape else { return nil }
    let (change, norm) = old.withSpan { before in
      withSpan { after in
        var sums = (0.0, 0.0)
        for index in 0..<before.count {
          let (was, step) = (Double(before[index]), Double(after[index]) - Double(before[index]))
          sums.0 += step * step
          sums.1 += was * was
        }
        return sums
      }
    }
    return norm > 0 ? (change / norm).squareRoot() : nil
  }
}
