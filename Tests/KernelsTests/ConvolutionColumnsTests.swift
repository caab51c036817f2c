import Kernels
import Tensors
import TestSupport
import Testing

/// Large weights over small maps are multiplied as matrices; each half of their outputs alone is not, and gives the same.
@Suite struct ConvolutionColumnsTests {
  private static let windows: [(kernel: Int, stride: Int, padding: Padding, dilation: Int, inputs: Int)] = [
    (3, 1, 1, 1, 128), (3, 2, Padding(top: 0, left: 1, bottom: 1, right: 2), 1, 128), (3, 1, 2, 2, 128),
    (1, 1, 0, 1, 1040), (1, 2, 0, 1, 1040),
  ]

  /// Columns `range` of `[rows, columns]`.
  private func columns(_ x: Tensor, _ range: Range<Int>) -> [Float] {
    let width = x.shape.last ?? 1
    let values = x.values
    return (0..<x.count / width).flatMap { values[($0 * width + range.lowerBound)..<($0 * width + range.upperBound)] }
  }

  private func isClose(_ left: [Float], _ right: [Float]) -> Bool {
    let scale = right.map(abs).max() ?? 1
    return left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= 2e-5 * scale }
  }

  @Test(arguments: windows.indices) func halvesAgreeWithTheWhole(index: Int) {
    let window = Self.windows[index]
    var stream = RandomStream(seed: UInt64(index))
    let outputs = 256
    let extents = Extents([
      Extent(height: 7, width: 7), Extent(height: 5, width: 8), Extent(height: 7, width: 7),
    ])
    let convolution = Convolution(
      kernelHeight: window.kernel, kernelWidth: window.kernel, stride: window.stride, padding: window.padding,
      dilation: window.dilation)
    let x = stream.normal([extents.positionCount, window.inputs])
    let shape = [window.kernel, window.kernel, window.inputs, outputs]
    let weight = stream.normal(shape)
    let bias = stream.normal([outputs])
    let dy = stream.normal([convolution.output(of: extents).positionCount, outputs])
    let y = convolution.forward(x, extents, weight: weight, bias: bias, fusesReLU: true)
    let dx = convolution.inputGradient(dy, extents, weight: weight)
    let dw = convolution.weightGradient(x, dy, extents)
    #expect(dw.shape == shape && y.shape == dy.shape && dx.shape == x.shape)
    var sum = [Float](repeating: 0, count: dx.count)
    for half in [0..<128, 128..<256] {
      let w = Tensor(columns(weight, half), shape: [window.kernel, window.kernel, window.inputs, 128])
      let d = Tensor(columns(dy, half), shape: [dy.shape[0], 128])
      let partial = convolution.forward(
        x, extents, weight: w, bias: Tensor(Array(bias.values[half])), fusesReLU: true)
      #expect(isClose(columns(y, half), partial.values))
      #expect(isClose(columns(dw, half), convolution.weightGradient(x, d, extents).values))
      for (position, value) in convolution.inputGradient(d, extents, weight: w).values.enumerated() {
        sum[position] += value
      }
      // A negative control: the other half's weights give something else.
      if half.lowerBound == 0 { #expect(!isClose(columns(y, 128..<256), partial.values)) }
    }
    #expect(isClose(dx.values, sum))
  }
}
