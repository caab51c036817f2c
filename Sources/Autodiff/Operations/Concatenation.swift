import Kernels
import Tensors

extension Tape {
  /// Concatenates `[rows, a]`, `[rows, b]`, … to `[rows, a + b + …]`; each part gets its columns of the gradient.
  package func concatenation(_ parts: [Variable]) -> Variable {
    record(Concatenation.forward(parts.map(\.value)), inputs: parts) { gradient, backward in
      var start = 0
      for part in parts {
        let range = start..<start + part.value.shape[1]
        backward.accumulate(Concatenation.columns(range, of: gradient), to: part)
        start = range.upperBound
      }
    }
  }
}
