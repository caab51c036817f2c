internal import Dispatch
internal import Kernels
internal import Tensors

/// Times non-maximum suppression of random boxes.
package struct SuppressionBenchmark: Sendable {
  /// The number of boxes.
  package var boxes: Int
  /// The overlap above which a box is removed.
  package var threshold: Double

  /// A benchmark of a number of boxes.
  package init(boxes: Int, threshold: Double) { (self.boxes, self.threshold) = (boxes, threshold) }

  /// The milliseconds of each round, and the boxes kept.
  ///
  /// Corners are uniform in 700 × 500 pixels, sides in 1 … 200; scores are uniform.
  package func run(rounds: Int, warmup: Int = 5) -> (milliseconds: [Double], kept: Int) {
    var stream = RandomStream(seed: 1)
    let list = Boxes(
      edges: (0..<boxes).flatMap { _ in
        let (x, y) = (stream.uniform() * 700, stream.uniform() * 500)
        return [x, y, x + 1 + stream.uniform() * 199, y + 1 + stream.uniform() * 199]
      })
    let scores = (0..<boxes).map { _ in stream.uniform() }
    var (times, kept) = ([Double](), 0)
    for round in 0..<warmup + rounds {
      let start = DispatchTime.now().uptimeNanoseconds
      kept = NonMaximumSuppression(threshold: threshold).kept(list, scores: scores).count
      let end = DispatchTime.now().uptimeNanoseconds
      if round >= warmup { times.append(Double(end - start) * 1e-6) }
    }
    return (times, kept)
  }
}
