internal import Foundation
internal import Statistics
internal import Support
internal import Tensors
internal import Training

/// How far apart a study's domains are, measured on training images alone, as one descriptor sees them and as a second.
package struct DomainDistances: Codable, Sendable, Equatable {
  /// Between two domains, in one descriptor.
  package struct Measure: Codable, Sendable, Equatable {
    /// Unbiased MMD², which may be a little below 0 for images of one kind.
    package var discrepancy: Double
    package var p: Double
    package var proxy: Double

    package init(discrepancy: Double, p: Double, proxy: Double) {
      (self.discrepancy, self.p, self.proxy) = (discrepancy, p, proxy)
    }

    /// Whether the proxy says no more than "far".
    package var isSaturated: Bool { proxy > 1.8 }
    package var proxyText: String { proxy.formatted(digits: 2) + (isSaturated ? " (saturated)" : "") }
  }

  package struct Pair: Codable, Sendable, Equatable {
    package var source: String
    package var target: String
    /// In the primary descriptor.
    package var primary: Measure
    /// In the second; nil if there is none.
    package var second: Measure?
    /// Classes of both by name, as a share of classes of either.
    package var labelOverlap: Double

    package init(source: String, target: String, primary: Measure, second: Measure? = nil, labelOverlap: Double) {
      (self.source, self.target, self.primary, self.second) = (source, target, primary, second)
      self.labelOverlap = labelOverlap
    }

    /// MMD² in the primary descriptor.
    package var discrepancy: Double { primary.discrepancy }
    package var p: Double { primary.p }
    package var proxy: Double { primary.proxy }
  }

  /// What the measurement depends on; with another key it is made anew.
  package var key: String
  /// Images of each domain.
  package var samples: Int
  package var descriptor: Descriptor
  package var secondDescriptor: Descriptor?
  package var pairs: [Pair]

  package subscript(source: String, target: String) -> Pair? {
    pairs.first { $0.source == source && $0.target == target }
  }

  package init(
    key: String, samples: Int, descriptor: Descriptor = .gradients, secondDescriptor: Descriptor? = nil, pairs: [Pair]
  ) {
    (self.key, self.samples, self.pairs) = (key, samples, pairs)
    (self.descriptor, self.secondDescriptor) = (descriptor, secondDescriptor)
  }
}
