import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

/// A step in bfloat16 gives about the gradients of float32, and not the same ones.
@Suite(.enabled(if: Precision.bfloat16.isAvailable)) struct TapePrecisionTests {
  @Test func gradientsAreThoseOfFloat32ToRounding() {
    var stream = RandomStream(seed: 41)
    let extents = Extents(count: 6, height: 10, width: 10)
    let pixels = stream.normal([extents.positionCount, 3])
    let labels = (0..<6).map { _ in stream.integer(below: 5) }
    let parameters = Parameters([
      ("c.weight", stream.normal([3, 3, 3, 16], standardDeviation: 0.2)), ("c.bias", stream.normal([16])),
      ("f.weight", stream.normal([16 * 25, 40], standardDeviation: 0.05)), ("f.bias", stream.normal([40])),
      ("g.weight", stream.normal([40, 5], standardDeviation: 0.2)),
    ])
    func step(_ precision: Precision) -> (loss: Float, gradients: [Tensor]) {
      let tape = Tape(parameters: parameters, mode: .training(seed: 1), precision: precision)
      var x = tape.convolution(
        FeatureMaps(tape.input(pixels), extents), weight: tape.parameter("c.weight"), bias: tape.parameter("c.bias"),
        Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1))
      x = tape.averagePooling(x, AveragePooling(size: 2, stride: 2))
      // No kinks, so that both backward passes see the same function.
      let hidden = tape.linear(tape.flatten(x), weight: tape.parameter("f.weight"), bias: tape.parameter("f.bias"))
      let logits = tape.linear(hidden, weight: tape.parameter("g.weight"), bias: nil)
      let loss = tape.softmaxCrossEntropy(logits, labels: labels)
      var collector = GradientCollector()
      tape.backward(from: loss, into: &collector)
      return (loss.value.scalar, collector.gradients.sorted { $0.key < $1.key }.map { $0.value.materialized() })
    }
    let (exact, rounded) = (step(.float32), step(.bfloat16))
    #expect(abs(exact.loss - rounded.loss) < 0.02 * exact.loss)
    #expect(exact.gradients.count == parameters.count)
    for (exact, rounded) in zip(exact.gradients, rounded.gradients) {
      var difference = exact
      Elementwise.add(rounded, times: -1, to: &difference)
      let share = (Elementwise.sumOfSquares(difference) / Elementwise.sumOfSquares(exact)).squareRoot()
      #expect(share < 0.02)
      #expect(share > 1e-5)
    }
  }
}
