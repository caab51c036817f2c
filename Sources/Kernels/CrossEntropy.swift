package import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Softmax and cross-entropy of logits `[N, classes]`.
package enum CrossEntropy {
  /// The mean over N of −log softmax(logits)[label], and the softmax, which the backward pass needs.
  ///
  /// Each row's maximum is subtracted first, so that large logits do not overflow.
  package static func forward(_ logits: Tensor, labels: [Int]) -> (loss: Float, probabilities: Tensor) {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    precondition(rows == labels.count && rows > 0, "CrossEntropy: \(labels.count) labels for \(logits.shape)")
    precondition(labels.allSatisfy { $0 >= 0 && $0 < classes }, "CrossEntropy: a label outside 0 ..< \(classes)")
    let probabilities = softmax(logits)
    var total = 0.0
    logits.withUnsafePointer { logits in
      for row in 0..<rows {
        let values = UnsafeBufferPointer(start: logits + row * classes, count: classes)
        let top = values.max()!
        let sum = values.reduce(0.0) { $0 + exp(Double($1 - top)) }
        total += log(sum) - Double(values[labels[row]] - top)
      }
    }
    return (Float(total / Double(rows)), probabilities)
  }

  /// exp(logit) / Σ exp(logits) for each row.
  package static func softmax(_ logits: Tensor) -> Tensor {
    let (rows, classes) = (logits.shape[0], logits.shape[1])
    var result = Tensor(uninitialized: logits.shape)
    logits.withUnsafePointer { logits in
      result.withUnsafeMutablePointer { result in
        for row in 0..<rows {
          let values = UnsafeBufferPointer(start: logits + row * classes, count: classes)
          let output = result + row * classes
          let top = values.max() ?? 0
          var sum: Float = 0
          for c in 0..<classes {
            output[c] = expf(values[c] - top)
            sum += output[c]
          }
          for c in 0..<classes { output[c] /= sum }
        }
      }
    }
    return result
  }

  /// The gradient with respect to the logits: (softmax − one-hot)·factor / N.
  package static func gradient(probabilities: Tensor, labels: [Int], factor: Float) -> Tensor {
    let classes = probabilities.shape[1]
    var result = Elementwise.scale(probabilities, by: factor / Float(labels.count))
    result.withUnsafeMutablePointer { result in
      for (row, label) in labels.enumerated() { result[row * classes + label] -= factor / Float(labels.count) }
    }
    return result
  }
}

extension CrossEntropy {
  /// The number of rows whose largest logit is at the label; of equal logits the first counts.
  package static func correct(_ logits: Tensor, labels: [Int]) -> Int {
    let classes = logits.shape[1]
    return logits.withUnsafePointer { logits in
      labels.enumerated().count { row, label in
        let values = UnsafeBufferPointer(start: logits + row * classes, count: classes)
        return values.firstIndex(of: values.max()!) == label
      }
    }
  }
}
