/// A validation metric that can select the best epoch.
package enum SelectionMetric: String, Codable, Sendable, CaseIterable {
  /// The share of correct predictions; the highest is the best.
  case accuracy
  /// The mean over classes of the share that was recognized; the highest is the best.
  case balancedAccuracy
  /// The mean over classes of F1; the highest is the best.
  case macroF1
  /// Cross-entropy, the log loss; the lowest is the best.
  case loss
  /// Of detection, VOC's mean average precision at an overlap of 0.5 over all points; the highest is the best.
  case mAP
  /// Of detection, COCO's mean average precision over overlaps of 0.5 to 0.95; the highest is the best.
  case cocoAP
  /// Of detection, VOC's mean average precision at an overlap of 0.5 of eleven points; the highest is the best.
  case mAP11

  /// Whether it is one of detection.
  package var judgesDetection: Bool { [.mAP, .cocoAP, .mAP11].contains(self) }
}
