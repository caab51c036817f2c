internal import Kernels

/// A cross-entropy with class weights, label smoothing or mixed labels, as `loss` and `data.augment.mixup` describe it.
struct SoftLoss: Sendable {
  /// One weight per class of the dataset.
  let classWeights: [Double]
  private let smoothing: Double

  /// - Parameter labels: of the training samples.
  /// - Returns: nil for plain cross-entropy.
  /// - Throws: `TrainingError` where a class has no weight, or a weight no class.
  init?(_ configuration: Configuration, labels: [Int], classNames: [String]) throws(TrainingError) {
    let loss = configuration.loss
    let isPlain = loss.classWeights == nil && loss.labelSmoothing == 0 && configuration.data.augment?.mixup == nil
    guard !isPlain else { return nil }
    smoothing = loss.labelSmoothing
    switch loss.classWeights {
    case nil: classWeights = [Double](repeating: 1, count: classNames.count)
    case .balanced: classWeights = ClassWeights.balanced(labels, classes: classNames.count)
    case .byName(let weights):
      let unknown = Set(weights.keys).subtracting(classNames).sorted()
      let missing = classNames.filter { weights[$0] == nil }
      guard unknown.isEmpty, missing.isEmpty else {
        let problem = unknown.isEmpty ? "has no weight for \(missing[0])" : "\(unknown[0]) is no class of the dataset"
        throw TrainingError(
          "loss.classWeights: \(problem); expected a weight for each of \(classNames.joined(separator: ", "))")
      }
      classWeights = classNames.map { weights[$0] ?? 1 }
    }
  }

  /// The total weight of a batch's labels.
  func weight(of labels: [Int], mixing: Mixing?) -> Double {
    CrossEntropy.SoftTargets.weight(labels: labels, mixed: mixed(mixing), classWeights: classWeights)
  }

  /// What the cross-entropy of a batch is taken with.
  func targets(of labels: [Int], mixing: Mixing?) -> CrossEntropy.SoftTargets {
    CrossEntropy.SoftTargets(
      labels: labels, mixed: mixed(mixing), classWeights: classWeights, smoothing: smoothing)
  }

  private func mixed(_ mixing: Mixing?) -> (partners: [Int], share: Float)? {
    mixing.map { ($0.labels, $0.share) }
  }
}
