#if canImport(Glibc)
  internal import Glibc
#endif

/// The log expected empirical prediction: how well a source model's predictions explain a target's labels.
///
/// Source: C. V. Nguyen, T. Hassner, M. Seeger, C. Archambeau, "LEEP: a new measure to evaluate transferability of learned
/// representations", ICML 2020.
package enum LEEP {
  /// The mean log-likelihood of labels y under Σ_z P̂(y | z)·θ(z), where θ is the source model's softmax over its own
  /// classes z and P̂ the joint distribution of y and z that it makes of the same samples.
  /// - Parameter probabilities: θ, a row per sample.
  package static func score(probabilities: [[Double]], labels: [Int], classes: Int) -> Double {
    let outputs = probabilities.first?.count ?? 0
    var joint = [[Double]](repeating: [Double](repeating: 0, count: outputs), count: classes)
    for (row, label) in zip(probabilities, labels) {
      for z in row.indices { joint[label][z] += row[z] }
    }
    let sums = (0..<outputs).map { z in joint.reduce(0) { $0 + $1[z] } }
    let likelihoods = zip(probabilities, labels).map { row, label in
      row.indices.reduce(0) { $0 + (sums[$1] > 0 ? joint[label][$1] / sums[$1] * row[$1] : 0) }
    }
    return likelihoods.reduce(0) { $0 + log($1) } / Double(max(labels.count, 1))
  }
}
