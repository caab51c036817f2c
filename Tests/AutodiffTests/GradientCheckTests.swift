import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

/// Every operation against central differences.
@Suite struct GradientCheckTests {
  var stream = RandomStream(seed: 11)
  let extents = Extents([Extent(height: 5, width: 4), Extent(height: 3, width: 6)])

  @Test(arguments: [(1, 0), (1, 1), (2, 1)]) mutating func convolution(stride: Int, padding: Int) {
    let kernel = Convolution(kernelHeight: 3, kernelWidth: 2, stride: stride, padding: padding)
    let parameters = Parameters([("w", stream.normal([3, 2, 2, 3])), ("b", stream.normal([3]))])
    let extents = extents
    let check = GradientCheck(inputs: [stream.normal([38, 2])], parameters: parameters) { tape, inputs in
      tape.convolution(
        FeatureMaps(inputs[0], extents), weight: tape.parameter("w"), bias: tape.parameter("b"), kernel
      ).variable
    }
    #expect(check.agrees(gradients: 3), "\(check)")
  }

  @Test mutating func maxPooling() {
    let extents = extents
    let check = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.maxPooling(FeatureMaps(inputs[0], extents), MaxPooling(size: 3, stride: 2, padding: 1)).variable
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test mutating func roiPoolWithOverlappingBinsAndSeveralRegionsAnImage() {
    let extents = extents
    let regions = [
      Region(image: 0), Region(image: 1, box: .init(x1: 0, y1: 0, x2: 4.5, y2: 2)),
      Region(image: 1, box: .init(x1: 2, y1: 1, x2: 3, y2: 9)),
      Region(image: 0, box: .init(x1: 1, y1: 1, x2: 1, y2: 1)),
    ]
    let check = GradientCheck(inputs: [stream.normal([38, 2])]) { tape, inputs in
      tape.roiPool(FeatureMaps(inputs[0], extents), regions: regions, ROIPool(height: 3, width: 4)).variable
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test(arguments: [false, true], [false, true]) mutating func batchNormalization(isFrozen: Bool, fusesReLU: Bool) {
    let extents = extents
    let parameters = Parameters([
      ("scale", stream.normal([3])), ("offset", stream.normal([3])), ("mean", stream.normal([3])),
      ("variance", stream.uniform([3], from: 0.5, to: 2)),
    ])
    let check = GradientCheck(
      inputs: [stream.normal([38, 3], mean: 2, standardDeviation: 1.5)], parameters: parameters,
      isTrainable: { $0 == "scale" || $0 == "offset" }
    ) { tape, inputs in
      let p = BatchNormalizationParameters(
        scale: tape.parameter("scale"), offset: tape.parameter("offset"), mean: tape.parameter("mean"),
        variance: tape.parameter("variance"))
      return tape.batchNormalization(
        FeatureMaps(inputs[0], extents), p, epsilon: 1e-3, momentum: 0.1, isFrozen: isFrozen, fusesReLU: fusesReLU
      ).variable
    }
    #expect(check.agrees(gradients: 3), "\(check)")
  }

  @Test mutating func averagePoolingFlattenLinearDropoutAndReLU() {
    let extents = extents
    let average = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.globalAveragePooling(FeatureMaps(inputs[0], extents))
    }
    #expect(average.agrees(gradients: 1), "\(average)")

    let uniform = Extents(count: 3, height: 2, width: 2)
    let flatten = GradientCheck(inputs: [stream.normal([12, 2])]) { tape, inputs in
      tape.flatten(FeatureMaps(inputs[0], uniform))
    }
    #expect(flatten.agrees(gradients: 1), "\(flatten)")

    let parameters = Parameters([("w", stream.normal([4, 5])), ("b", stream.normal([5]))])
    let linear = GradientCheck(inputs: [stream.normal([3, 4])], parameters: parameters) { tape, inputs in
      tape.linear(inputs[0], weight: tape.parameter("w"), bias: tape.parameter("b"))
    }
    #expect(linear.agrees(gradients: 3), "\(linear)")

    let dropout = GradientCheck(inputs: [stream.normal([6, 5])]) { tape, inputs in
      tape.dropout(inputs[0], rate: 0.4)
    }
    #expect(dropout.agrees(gradients: 1), "\(dropout)")

    let relu = GradientCheck(inputs: [stream.normal([40, 5])]) { tape, inputs in tape.relu(inputs[0]) }
    #expect(relu.agrees(gradients: 1), "\(relu)")
  }

  @Test mutating func sumConcatenationAndUnitRows() {
    let shapes = [stream.normal([4, 5]), stream.normal([4, 5]), stream.normal([4, 3])]
    let sum = GradientCheck(inputs: [shapes[0], shapes[1]]) { tape, inputs in tape.sum(inputs[0], inputs[1]) }
    #expect(sum.agrees(gradients: 2), "\(sum)")
    let twice = GradientCheck(inputs: [shapes[0]]) { tape, inputs in tape.sum(inputs[0], tape.relu(inputs[0])) }
    #expect(twice.agrees(gradients: 1), "\(twice)")
    let concatenation = GradientCheck(inputs: [shapes[0], shapes[2], shapes[1]]) { tape, inputs in
      tape.concatenation(inputs)
    }
    #expect(concatenation.agrees(gradients: 3), "\(concatenation)")
    // A part that is there twice gets both gradients.
    let twofold = GradientCheck(inputs: [shapes[0]]) { tape, inputs in tape.concatenation([inputs[0], inputs[0]]) }
    #expect(twofold.agrees(gradients: 1), "\(twofold)")
    let unit = GradientCheck(inputs: [shapes[0]]) { tape, inputs in tape.l2Normalization(inputs[0]) }
    #expect(unit.agrees(gradients: 1), "\(unit)")
    #expect(unit.skipped == 0)
  }

  @Test(arguments: [(2, 2), (3, 1), (2, 3)]) mutating func averageAndGlobalMaxPooling(size: Int, stride: Int) {
    let extents = extents
    let average = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.averagePooling(FeatureMaps(inputs[0], extents), AveragePooling(size: size, stride: stride)).variable
    }
    #expect(average.agrees(gradients: 1), "\(average)")
    let maximum = GradientCheck(inputs: [stream.normal([38, 3])]) { tape, inputs in
      tape.globalMaxPooling(FeatureMaps(inputs[0], extents))
    }
    #expect(maximum.agrees(gradients: 1), "\(maximum)")
  }

  @Test mutating func softmaxCrossEntropy() {
    let check = GradientCheck(inputs: [stream.normal([4, 5])]) { tape, inputs in
      tape.softmaxCrossEntropy(inputs[0], labels: [0, 4, 2, 2])
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test mutating func aSharedParameterGetsTheSumOfItsGradients() {
    let parameters = Parameters([("w", stream.normal([4, 4]))])
    let check = GradientCheck(inputs: [stream.normal([3, 4])], parameters: parameters) { tape, inputs in
      let w = tape.parameter("w")
      return tape.linear(tape.linear(inputs[0], weight: w, bias: nil), weight: w, bias: nil)
    }
    #expect(check.agrees(gradients: 2), "\(check)")
  }

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
