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
}
