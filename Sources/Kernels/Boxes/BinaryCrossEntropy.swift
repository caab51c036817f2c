package import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// The cross-entropy of some elements of a tensor as logits of yes or no, in nats.
///
/// Source: torch `nn.functional.binary_cross_entropy_with_logits`.
package enum BinaryCrossEntropy {
  /// Σ log(1 + e^(−x)) over places that are true, Σ log(1 + e^x) over the others, in double.
  package static func sum(_ x: Tensor, at places: [Int], isTrue: [Bool]) -> Double {
    precondition(places.count == isTrue.count, "BinaryCrossEntropy: \(isTrue.count) targets for \(places.count) places")
    return x.withSpan { x in
      places.indices.reduce(0.0) { sum, index in
        let logit = Double(x[places[index]])
        return sum + max(logit, 0) - (isTrue[index] ? logit : 0) + log1p(exp(-abs(logit)))
      }
    }
  }

  /// The gradient of `factor` · `sum`: sigmoid(x) minus 1 or 0; 0 at all other places.
  package static func gradient(_ x: Tensor, at places: [Int], isTrue: [Bool], factor: Float) -> Tensor {
    var gradient = Tensor(zeros: x.shape)
    gradient.withMutableSpan { gradient in
      x.withSpan { x in
        for (place, isTrue) in zip(places, isTrue) {
          gradient[place] += factor * (sigmoid(x[place]) - (isTrue ? 1 : 0))
        }
      }
    }
    return gradient
  }

  /// 1 / (1 + e^(−x)).
  package static func sigmoid(_ x: Float) -> Float { Float(1 / (1 + exp(-Double(x)))) }
}
