package import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension CrossEntropy {
  /// Targets with class weights, label smoothing and mixed labels.
  ///
  /// A label y contributes t_c = w_y·(1 − ε)·[c = y] + w_c·ε / classes to its row, as torch's `cross_entropy` with `weight`
  /// and `label_smoothing` does. A mixed row is share·t(label) + (1 − share)·t(partner).
  package struct SoftTargets: Sendable {
    /// t, `[N, classes]`.
    package let rows: Tensor
    /// The total weight of the labels, by which the sum over the batch is divided: torch's weighted mean.
    package let weight: Double

    /// The targets of a batch.
    ///
    /// - Parameters:
    ///   - labels: of the samples.
    ///   - mixed: the partners' labels, and the share of the sample's own; nil where nothing is mixed.
    ///   - classWeights: one per class.
    ///   - smoothing: ε, 0 up to 1.
    package init(
      labels: [Int], mixed: (partners: [Int], share: Float)?, classWeights: [Double], smoothing: Double
    ) {
      let classes = classWeights.count
      let share = mixed.map { Double($0.share) } ?? 1
      var values = [Double](repeating: 0, count: labels.count * classes)
      func add(_ labels: [Int], times share: Double) {
        for (row, label) in labels.enumerated() {
          for c in 0..<classes { values[row * classes + c] += share * classWeights[c] * smoothing / Double(classes) }
          values[row * classes + label] += share * classWeights[label] * (1 - smoothing)
        }
      }
      add(labels, times: share)
      if let mixed { add(mixed.partners, times: 1 - share) }
      rows = Tensor(values.map { Float($0) }, shape: [labels.count, classes])
      weight = Self.weight(labels: labels, mixed: mixed, classWeights: classWeights)
    }

    /// The total weight of the labels of a batch.
    package static func weight(
      labels: [Int], mixed: (partners: [Int], share: Float)?, classWeights: [Double]
    ) -> Double {
      let own = labels.reduce(0) { $0 + classWeights[$1] }
      guard let mixed else { return own }
      let partners = mixed.partners.reduce(0) { $0 + classWeights[$1] }
      return Double(mixed.share) * own + (1 - Double(mixed.share)) * partners
    }
  }

  /// Σ over rows and classes of t·−log softmax(logits), divided by the weight, and the softmax.
  package static func forward(_ logits: Tensor, targets: SoftTargets) -> (loss: Float, probabilities: Tensor) {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    precondition(
      targets.rows.shape == logits.shape && rows > 0 && targets.weight > 0,
      "CrossEntropy: targets \(targets.rows.shape) of weight \(targets.weight) for \(logits.shape)")
    let probabilities = softmax(logits)
    var total = 0.0
    logits.withUnsafePointer { logits in
      targets.rows.withUnsafePointer { targets in
        for row in 0..<rows {
          let values = UnsafeBufferPointer(start: logits + row * classes, count: classes)
          let top = values.max()!
          let normalizer = log(values.reduce(0.0) { $0 + exp(Double($1 - top)) })
          for c in 0..<classes where targets[row * classes + c] != 0 {
            total += Double(targets[row * classes + c]) * (normalizer - Double(values[c] - top))
          }
        }
      }
    }
    return (Float(total / targets.weight), probabilities)
  }

  /// The gradient with respect to the logits: (softmax·Σ_c t_c − t)·factor / weight.
  package static func gradient(probabilities: Tensor, targets: SoftTargets, factor: Float) -> Tensor {
    let (rows, classes) = (probabilities.shape[0], probabilities.shape[1])
    let scale = Float(Double(factor) / targets.weight)
    var result = probabilities
    result.withUnsafeMutablePointer { result in
      targets.rows.withUnsafePointer { targets in
        for row in 0..<rows {
          let (result, targets) = (result + row * classes, targets + row * classes)
          var sum: Float = 0
          for c in 0..<classes { sum += targets[c] }
          for c in 0..<classes { result[c] = (result[c] * sum - targets[c]) * scale }
        }
      }
    }
    return result
  }
}
