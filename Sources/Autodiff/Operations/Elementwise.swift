import Kernels

extension Tape {
  /// max(x, 0), and no more than `maximum`; the gradient is 0 at 0 and at the maximum, as in torch.
  package func relu(_ x: Variable, maximum: Float? = nil) -> Variable {
    var value = x.value
    Elementwise.relu(&value, maximum: maximum)
    return record(value, inputs: [x]) { [value] gradient, backward in
      Elementwise.reluGradient(output: value, &gradient, maximum: maximum)
      backward.accumulate(gradient, to: x)
    }
  }

  /// In training, zeroes elements with probability `rate` and scales the rest by 1 / (1 − rate); else the identity.
  ///
  /// The mask follows from the tape's seed; the backward pass draws it again instead of storing it (Srivastava et al. 2014).
  package func dropout(_ x: Variable, rate: Float) -> Variable {
    precondition(rate >= 0 && rate < 1, "dropout: rate \(rate) is not in [0, 1)")
    guard isTraining, rate > 0 else { return x }
    let seed = nextSeed()
    return record(Elementwise.dropout(x.value, rate: rate, seed: seed), inputs: [x]) { gradient, backward in
      backward.accumulate(Elementwise.dropout(gradient, rate: rate, seed: seed), to: x)
    }
  }
}
