import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  /// Convolution of a ragged batch is the convolution of each image by itself.
  @Test func aRaggedBatchIsItsImages() {
    var stream = RandomStream(seed: 22)
    let maps = [Extent(height: 5, width: 9), Extent(height: 12, width: 4), Extent(height: 12, width: 4)]
    let parts = maps.map { stream.normal([$0.area, 3]) }
    let x = Tensor(parts.flatMap(\.values), shape: [Extents(maps).positionCount, 3])
    let weight = stream.normal([3, 3, 3, 6])
    let kernel = Convolution(kernelHeight: 3, kernelWidth: 3, stride: 2, padding: 1)
    let together = kernel.forward(x, Extents(maps), weight: weight, bias: nil)
    let alone = zip(maps, parts).flatMap { kernel.forward($1, Extents([$0]), weight: weight, bias: nil).values }
    #expect(together.distance(to: Tensor(alone)) < 1e-5)
  }

  /// A fused ReLU keeps NaN, by which a diverged run is found.
  @Test func fusedReLUKeepsNaN() {
    var stream = RandomStream(seed: 25)
    let extents = Extents(count: 1, height: 6, width: 6)
    var x = stream.normal([36, 16])
    x[5] = .nan
    let maps = Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1).forward(
      x, extents, weight: stream.normal([3, 3, 16, 16]), bias: nil, fusesReLU: true)
    #expect(maps.values.contains { $0.isNaN } && maps.values.allSatisfy { !($0 < 0) } && maps.values.contains(0))
  }
}
