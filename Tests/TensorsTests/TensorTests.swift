import Tensors
import Testing

@Suite struct TensorTests {
  @Test func copiesAreIndependent() {
    let a = Tensor([1, 2, 3, 4], shape: [2, 2])
    var b = a
    b[0] = 9
    #expect(a.values == [1, 2, 3, 4])
    #expect(b.values == [9, 2, 3, 4])
  }

  @Test func modifyingAParameterInPlaceDoesNotCopy() {
    var parameters = Parameters([("a", Tensor([1, 2])), ("b", Tensor([3]))])
    let before = parameters[0].withUnsafePointer { UInt(bitPattern: $0) }
    parameters[0].withUnsafeMutablePointer { $0[0] = 5 }
    let after = parameters[0].withUnsafePointer { UInt(bitPattern: $0) }
    #expect(before == after)
    #expect(parameters["a"]?.values == [5, 2])
    #expect(parameters.names == ["a", "b"])
  }

  @Test func equalityIsOfBits() {
    #expect(Tensor([.nan]) == Tensor([.nan]))
    #expect(Tensor([Float(0)]) != Tensor([-Float(0)]))
    #expect(Tensor([1, 2]) != Tensor([1, 2], shape: [2, 1]))
  }
}

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
