import Kernels
import Tensors

extension Tape {
  /// The mean over rows of −log softmax(logits)[label], a scalar; logits `[rows, classes]`.
  ///
  /// dlogits = (softmax(logits) − one-hot) / rows
  package func softmaxCrossEntropy(_ logits: Variable, labels: [Int]) -> Variable {
    let (loss, probabilities) = Kernels.CrossEntropy.forward(logits.value, labels: labels)
    return record(Tensor(scalar: loss), inputs: [logits]) { gradient, walk in
      walk.accumulate(
        Kernels.CrossEntropy.gradient(probabilities: probabilities, labels: labels, factor: gradient.scalar),
        to: logits)
    }
  }
}
