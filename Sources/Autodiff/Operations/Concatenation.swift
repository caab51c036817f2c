import Kernels
import Tensors

extension Tape {
  /// `[rows, a]`, `[rows, b]`, … side by side, `[rows, a + b + …]`; each gets its own columns of the gradient.
  package func concatenation(_ parts: [Variable]) -> Variable {
    record(Concatenation.forward(parts.map(\.value)), inputs: parts) { gradient, walk in
      var start = 0
      for part in parts {
        let range = start..<start + part.value.shape[1]
        walk.accumulate(Concatenation.columns(range, of: gradient), to: part)
        start = range.upperBound
      }
    }
  }
}
