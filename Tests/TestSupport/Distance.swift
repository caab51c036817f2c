package import Tensors

extension Tensor {
  /// The largest |a − b| / max(1, |b|), or infinity if counts differ or one value is NaN.
  package func distance(to other: Tensor) -> Double {
    guard count == other.count else { return .infinity }
    var worst = 0.0
    for (a, b) in zip(values, other.values) {
      let difference = abs(Double(a) - Double(b)) / max(1, abs(Double(b)))
      if !(difference <= worst) { worst = difference.isNaN ? .infinity : difference }
    }
    return worst
  }

  /// Σ a·b in double.
  package func dot(_ other: Tensor) -> Double {
    precondition(count == other.count, "dot: shapes \(shape) and \(other.shape)")
    return zip(values, other.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
