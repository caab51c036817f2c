/// A mean with its standard error.
package struct Estimate: Sendable, Equatable {
  /// The arithmetic mean.
  package var mean: Double
  /// s / √n with s² = Σ (x − mean)² / (n − 1); nil for fewer than two values.
  package var standardError: Double?
  /// The number of values.
  package var count: Int

  /// - Returns: nil without values.
  package init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    self.count = values.count
    standardError = values.count < 2 ? nil : (squares / (count - 1) / count).squareRoot()
  }
}
