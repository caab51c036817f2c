import Kernels
import Tensors
import Testing

@Suite struct ElementwiseTests {
  @Test func zerosAreZeros() {
    for shape in [[0], [3, 5], [3, 700_001]] { #expect(Elementwise.zeros(shape) == Tensor(zeros: shape)) }
  }

  @Test func finiteIsNeitherNaNNorInfinite() {
    var stream = RandomStream(seed: 26)
    var x = stream.normal([40_000])
    (x[3], x[39_999]) = (.greatestFiniteMagnitude, -.leastNonzeroMagnitude)
    #expect(Elementwise.isFinite(x) && Elementwise.isFinite(Tensor(zeros: [0])))
    for (position, value) in [(0, Float.nan), (20_001, .infinity), (39_999, -.infinity), (16_384, -.nan)] {
      var other = x
      other[position] = value
      #expect(!Elementwise.isFinite(other))
    }
  }
}
