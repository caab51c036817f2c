internal import Statistics
internal import Support

/// A temperature that logits are divided by, fitted on a run's validation samples (Guo et al. 2017).
package struct TemperatureScaling: Codable, Sendable, Equatable {
  /// The temperature: above 1 it makes predictions less confident.
  package var temperature: Double
  /// Validation samples that it was fitted on.
  package var samples: Int
  /// Whether the loss still falls at the end of the range that is searched, so that the temperature is its limit.
  package var isAtLimit: Bool

  /// The temperature that minimizes the mean cross-entropy of validation samples.
  ///
  /// - Parameters:
  ///   - logits: a row for each sample; rows that are not finite are left out.
  ///   - targets: the output of each sample's class.
  /// - Returns: nil where no row is finite.
  package init?(logits: [[Float]], targets: [Int]) {
    guard let fit = TemperatureFit(logits: logits, labels: targets) else { return nil }
    (temperature, samples, isAtLimit) = (fit.temperature, fit.samples, fit.isAtLimit)
  }

  /// A line without its end.
  package var text: String {
    let limit = isAtLimit ? ", the end of the range that is searched: the loss has no minimum there" : ""
    return "\(temperature.formatted(digits: 3)), fitted on \(samples) validation samples\(limit)"
  }
}
