internal import Tensors

#if canImport(Glibc)
  internal import Glibc
#endif

extension Activations {
  /// The softmax of a classifier's logits, for each sample and class.
  package var probabilities: [[Double]] {
    let classes = logits.shape[1]
    let values = logits.values
    return (0..<logits.shape[0]).map { row in
      let scores = values[row * classes..<(row + 1) * classes].map { Double($0) }
      let largest = scores.max() ?? 0
      let shares = scores.map { exp($0 - largest) }
      let sum = shares.reduce(0, +)
      return shares.map { $0 / sum }
    }
  }
}
