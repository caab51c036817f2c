import Kernels

extension Tape {
  /// max(x, 0); the gradient at 0 is 0.
  package func relu(_ x: Variable) -> Variable {
    var value = x.value
    Elementwise.rectify(&value)
    return record(value, inputs: [x]) { [value] gradient, walk in
      Elementwise.reluGradient(output: value, &gradient)
      walk.accumulate(gradient, to: x)
    }
  }

  /// Zeroes elements with probability `rate` and scales the rest by 1 / (1 − rate) in training; the identity otherwise.
  ///
  /// The mask is drawn from the tape's seed and drawn again on the way back, so it is never stored (Srivastava et al. 2014).
  package func dropout(_ x: Variable, rate: Float) -> Variable {
    precondition(rate >= 0 && rate < 1, "dropout: rate \(rate) is not in [0, 1)")
    guard isTraining, rate > 0 else { return x }
    let seed = nextSeed()
    return record(Elementwise.dropout(x.value, rate: rate, seed: seed), inputs: [x]) { gradient, walk in
      walk.accumulate(Elementwise.dropout(gradient, rate: rate, seed: seed), to: x)
    }
  }
}
