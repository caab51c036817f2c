import Tensors
import Testing

@Suite struct RandomStreamTests {
  @Test func streamsDependOnlyOnTheirAddress() {
    var a = RandomStream(seed: 1, keys: 2, 3)
    var b = RandomStream(seed: 1, keys: 2, 3)
    var c = RandomStream(seed: 1, keys: 3, 2)
    let first = a.next()
    #expect(first == b.next())
    #expect(first != c.next())
  }

  @Test func momentsAreThoseOfTheDistributions() {
    var stream = RandomStream(seed: 7)
    let normal = stream.normal([40_000]).values.map(Double.init)
    let mean = normal.reduce(0, +) / 40_000
    let variance = normal.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    #expect(abs(mean) < 0.02)
    #expect(abs(variance - 1) < 0.03)
    let uniform = stream.uniform([40_000]).values
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(uniform.reduce(0, +) / 40_000 - 0.5) < 0.01)
    #expect(stream.permutation(of: 100).sorted() == Array(0..<100))
  }

  /// Mean a / (a + b) and variance ab / ((a + b)² (a + b + 1)), also where small shapes leave nothing between 0 and 1.
  @Test(arguments: [(0.2, 0.2), (1, 1), (2, 5), (30, 30), (0.001, 0.001)]) func betaHasItsMoments(
    _ shapes: (Double, Double)
  ) {
    let (a, b) = shapes
    var stream = RandomStream(seed: 3)
    let values = (0..<40_000).map { _ in stream.beta(a, b) }
    #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 })
    let mean = values.reduce(0, +) / 40_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    let expected = a * b / ((a + b) * (a + b) * (a + b + 1))
    #expect(abs(mean - a / (a + b)) < 4 * (expected / 40_000).squareRoot())
    #expect(abs(variance / expected - 1) < 0.04)
    #expect(Set(values).count > (a < 0.01 ? 2 : 39_000))
  }
}
