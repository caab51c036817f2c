internal import Foundation
internal import Statistics
internal import Support
internal import Tensors
internal import Training

/// How far apart a study's domains are, measured on training images alone, as one descriptor sees them and as a second.
package struct DomainDistances: Codable, Sendable, Equatable {
  /// The distance between two domains in one descriptor.
  package struct Measure: Codable, Sendable, Equatable {
    /// Unbiased MMD², which may be slightly below 0 for samples of one distribution.
    package var discrepancy: Double
    /// The p value that both samples come from one distribution, by permutations.
    package var p: Double
    /// The proxy A-distance, 0 to 2.
    package var proxy: Double

    /// A measurement that was made.
    package init(discrepancy: Double, p: Double, proxy: Double) {
      (self.discrepancy, self.p, self.proxy) = (discrepancy, p, proxy)
    }

    /// Whether the proxy A-distance is saturated, meaning only "far".
    package var isSaturated: Bool { proxy > 1.8 }
    /// The proxy A-distance with two digits, marked if it is saturated.
    package var proxyText: String { proxy.formatted(digits: 2) + (isSaturated ? " (saturated)" : "") }
  }

  /// The distance from a source to a target.
  package struct Pair: Codable, Sendable, Equatable {
    /// The source's domain.
    package var source: String
    /// The target's domain.
    package var target: String
    /// The distance in the primary descriptor.
    package var primary: Measure
    /// The distance in the second descriptor; nil if there is none.
    package var second: Measure?
    /// Classes of both by name, as a share of classes of either.
    package var labelOverlap: Double

    /// A pair that was measured.
    package init(source: String, target: String, primary: Measure, second: Measure? = nil, labelOverlap: Double) {
      (self.source, self.target, self.primary, self.second) = (source, target, primary, second)
      self.labelOverlap = labelOverlap
    }

    /// MMD² in the primary descriptor.
    package var discrepancy: Double { primary.discrepancy }
    /// The p value that both domains have one distribution, in the primary descriptor.
    package var p: Double { primary.p }
    /// The proxy A-distance in the primary descriptor.
    package var proxy: Double { primary.proxy }
  }

  /// The key of the measurement's inputs; with another key it is repeated.
  package var key: String
  /// Images of each domain.
  package var samples: Int
  /// The primary one, on which the verdict rests.
  package var descriptor: Descriptor
  /// The second descriptor; nil if none fits the datasets.
  package var secondDescriptor: Descriptor?
  /// Every domain as a source with every domain as a target.
  package var pairs: [Pair]

  /// The distance of a pair; nil if it was not measured.
  package subscript(source: String, target: String) -> Pair? {
    pairs.first { $0.source == source && $0.target == target }
  }

  /// Distances that were measured.
  package init(
    key: String, samples: Int, descriptor: Descriptor = .gradients, secondDescriptor: Descriptor? = nil, pairs: [Pair]
  ) {
    (self.key, self.samples, self.pairs) = (key, samples, pairs)
    (self.descriptor, self.secondDescriptor) = (descriptor, secondDescriptor)
  }
}
