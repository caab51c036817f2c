import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

/// The checker that the tests of operations use.
@Suite struct GradientCheckTests {
  var stream = RandomStream(seed: 11)

  /// Negative control: the checker must fail on a wrong gradient, however small the part that is wrong.
  @Test mutating func theCheckerFailsOnAWrongGradient() {
    let right: (Tensor) -> Tensor = { Elementwise.scale($0, by: 3) }
    let wrong: [(Tensor) -> Tensor] = [
      { Elementwise.scale($0, by: 3.1) },
      { Elementwise.scale($0, by: -3) },
      { gradient in
        var result = right(gradient)
        result[7] = 0
        return result
      },
    ]
    let point = stream.normal([4, 5])
    func check(_ pullback: @escaping (Tensor) -> Tensor) -> GradientCheck {
      GradientCheck(inputs: [point]) { tape, inputs in
        tape.record(Elementwise.scale(inputs[0].value, by: 3), inputs: inputs) { gradient, backward in
          backward.accumulate(pullback(gradient), to: inputs[0])
        }
      }
    }
    #expect(check(right).agrees(gradients: 1))
    for pullback in wrong { #expect(!check(pullback).agrees(gradients: 1)) }
  }
}
