package import Datasets
package import Training

/// What a report of a single run measures.
package struct RunReportOptions: Sendable {
  /// A dataset file to measure the network on; nil is the run's own.
  package var dataset: String?
  /// The part of the dataset. Nothing may be chosen on test images, so that validation is the default.
  package var split = Split.validation
  /// Which of the run's weights.
  package var weights = RunEvaluator.Weights.best
  /// How the dataset's classes are matched with the network's.
  package var classes = ClassRule.byName(nil)
  /// The image of the dataset, counted from 0, whose feature maps are shown; nil shows none.
  package var picture: Int?

  /// The report of the best weights on the run's own validation images.
  package init() {}
}
