/// The classes of a batch's samples, as places among the network's outputs.
package struct ClassTargets: Sendable {
  /// Of the samples.
  package let labels: [Int]
  /// Of the partners that samples are mixed with, and the share of a sample's own label; nil where nothing is mixed.
  package let mixed: (partners: [Int], share: Float)?

  /// The classes of samples; default: nothing is mixed.
  package init(labels: [Int], mixed: (partners: [Int], share: Float)? = nil) {
    (self.labels, self.mixed) = (labels, mixed)
  }
}
