#if canImport(Glibc)
  internal import Glibc
#endif

/// The temperature T that minimizes the mean cross-entropy of softmax(logits / T).
///
/// The loss is convex in β = 1/T; its derivative, the mean of Σ softmax(β z)·z − z[label], is brought to 0 by Newton's
/// method within a bracket that every step makes smaller.
///
/// Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017.
package struct TemperatureFit: Sendable, Equatable {
  /// The temperatures that are searched.
  package static let range = 0.01...100.0

  /// The temperature.
  package let temperature: Double
  /// Samples with finite logits.
  package let samples: Int
  /// Whether the loss falls to the end of the range.
  package let isAtLimit: Bool

  /// The best temperature for samples.
  ///
  /// - Parameters:
  ///   - logits: a row for each sample; rows that are not finite are left out.
  ///   - labels: the place of each sample's class in its row.
  /// - Returns: nil where no row is finite.
  package init?(logits: [[Float]], labels: [Int]) {
    let rows = zip(logits, labels).filter { row, _ in row.allSatisfy(\.isFinite) }
    guard !rows.isEmpty else { return nil }
    samples = rows.count
    /// The derivative of the summed loss by β, and its own.
    func derivatives(_ beta: Double) -> (first: Double, second: Double) {
      var (first, second) = (0.0, 0.0)
      for (row, label) in rows {
        let largest = Double(row.max() ?? 0)
        var (total, mean, square) = (0.0, 0.0, 0.0)
        for value in row {
          let z = Double(value) - largest
          let share = exp(beta * z)
          total += share
          mean += share * z
          square += share * z * z
        }
        mean /= total
        first += mean - (Double(row[label]) - largest)
        second += square / total - mean * mean
      }
      return (first, second)
    }
    var (low, high) = (1 / Self.range.upperBound, 1 / Self.range.lowerBound)
    guard derivatives(low).first < 0 else {
      (temperature, isAtLimit) = (Self.range.upperBound, true)
      return
    }
    guard derivatives(high).first > 0 else {
      (temperature, isAtLimit) = (Self.range.lowerBound, true)
      return
    }
    var beta = 1.0
    for _ in 0..<100 {
      let (first, second) = derivatives(beta)
      if first == 0 { break }
      if first < 0 { low = beta } else { high = beta }
      let newton = beta - first / second
      let next = newton > low && newton < high ? newton : (low * high).squareRoot()
      guard abs(next - beta) > 1e-12 * beta else { break }
      beta = next
    }
    (temperature, isAtLimit) = (1 / beta, false)
  }
}
