package import Kernels
import Tensors

extension Tape {
  /// Softmax cross-entropy, a scalar: the mean over N of −log softmax(logits)[label], for logits `[N, classes]`.
  ///
  /// dlogits = (softmax(logits) − one-hot) / N
  package func softmaxCrossEntropy(_ logits: Variable, labels: [Int]) -> Variable {
    let (loss, probabilities) = Kernels.CrossEntropy.forward(logits.value, labels: labels)
    return record(Tensor(scalar: loss), inputs: [logits]) { gradient, backward in
      backward.accumulate(
        Kernels.CrossEntropy.gradient(probabilities: probabilities, labels: labels, factor: gradient.scalar),
        to: logits)
    }
  }
  /// Softmax cross-entropy by soft targets, a scalar: Σ t·−log softmax(logits) / weight, for logits `[N, classes]`.
  ///
  /// dlogits = (softmax(logits)·Σ_c t_c − t) / weight
  package func softmaxCrossEntropy(_ logits: Variable, targets: Kernels.CrossEntropy.SoftTargets) -> Variable {
    let (loss, probabilities) = Kernels.CrossEntropy.forward(logits.value, targets: targets)
    return record(Tensor(scalar: loss), inputs: [logits]) { gradient, backward in
      backward.accumulate(
        Kernels.CrossEntropy.gradient(probabilities: probabilities, targets: targets, factor: gradient.scalar),
        to: logits)
    }
  }
}
