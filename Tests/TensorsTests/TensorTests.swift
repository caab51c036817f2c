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

  @Test func equalityIsBitwise() {
    #expect(Tensor([.nan]) == Tensor([.nan]))
    #expect(Tensor([Float(0)]) != Tensor([-Float(0)]))
    #expect(Tensor([1, 2]) != Tensor([1, 2], shape: [2, 1]))
  }
}
