package import Kernels
import Tensors

extension Tape {
  /// factor · Σ smooth L1 of some elements, a scalar; `places` are row-major indices, `targets` as many numbers.
  ///
  /// d/dx = factor · (x − target) / β where |x − target| < β, else factor · sign(x − target)
  package func smoothL1(
    _ x: Variable, at places: [Int], targets: [Float], _ loss: Kernels.SmoothL1, factor: Float
  ) -> Variable {
    let sum = loss.sum(x.value, at: places, targets: targets)
    return record(Tensor(scalar: Float(Double(factor) * sum)), inputs: [x]) { gradient, backward in
      backward.accumulate(
        loss.gradient(x.value, at: places, targets: targets, factor: factor * gradient.scalar), to: x)
    }
  }

  /// factor · Σ binary cross-entropy of some elements as logits, a scalar; `places` are row-major indices.
  ///
  /// d/dx = factor · (sigmoid(x) − target)
  package func binaryCrossEntropy(_ x: Variable, at places: [Int], isTrue: [Bool], factor: Float) -> Variable {
    let sum = Kernels.BinaryCrossEntropy.sum(x.value, at: places, isTrue: isTrue)
    return record(Tensor(scalar: Float(Double(factor) * sum)), inputs: [x]) { gradient, backward in
      backward.accumulate(
        Kernels.BinaryCrossEntropy.gradient(x.value, at: places, isTrue: isTrue, factor: factor * gradient.scalar),
        to: x)
    }
  }

  /// factor · x.
  package func scaled(_ x: Variable, by factor: Float) -> Variable {
    record(Elementwise.scale(x.value, by: factor), inputs: [x]) { gradient, backward in
      backward.accumulate(Elementwise.scale(gradient, by: factor), to: x)
    }
  }

  /// The same value, through which no gradient flows back.
  package func stopGradient(_ x: Variable) -> Variable { constant(x.value) }
}
