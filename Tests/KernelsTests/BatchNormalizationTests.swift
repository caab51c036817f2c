import Kernels
import Tensors
import Testing

@Suite struct BatchNormalizationTests {
  /// The variance keeps its digits with a large mean.
  @Test func aLargeMeanCostsTheVarianceNoDigits() {
    var stream = RandomStream(seed: 24)
    let x = stream.normal([20_000, 2], mean: 1_000, standardDeviation: 0.5)
    let statistics = BatchNormalization.statistics(of: x)
    #expect(abs(statistics.variance[0] - 0.25) < 0.01)
    #expect(abs(statistics.mean[1] - 1_000) < 0.02)
  }

  /// A fused ReLU keeps NaN, by which a diverged run is found.
  @Test func fusedReLUKeepsNaN() {
    var stream = RandomStream(seed: 25)
    var x = stream.normal([36, 16])
    x[5] = .nan
    let ones = Tensor(repeating: 1, shape: [16])
    let statistics = BatchNormalization.Statistics(mean: Tensor(zeros: [16]), variance: ones)
    let rows = BatchNormalization(statistics, scale: ones, offset: ones, epsilon: 0, fusesReLU: true).forward(x)
    #expect(rows.values.count { $0.isNaN } == 1 && rows.values.contains(0))
  }
}
