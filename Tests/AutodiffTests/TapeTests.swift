import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct TapeTests {
  var stream = RandomStream(seed: 3)

  /// Frozen layers get no gradients, nor do the layers below them.
  @Test mutating func frozenLayersGetNoGradient() {
    let parameters = Parameters([
      ("below.w", stream.normal([3, 3])), ("above.w", stream.normal([3, 2])),
    ])
    let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { $0.hasPrefix("above") }
    let hidden = tape.linear(tape.constant(stream.normal([2, 3])), weight: tape.parameter("below.w"), bias: nil)
    #expect(!hidden.needsGradient)
    let output = tape.linear(hidden, weight: tape.parameter("above.w"), bias: nil)
    var collector = GradientCollector()
    tape.backward(from: output, gradient: Tensor(repeating: 1, shape: [2, 2]), into: &collector)
    #expect(collector.gradients.keys.sorted() == [1])
  }

  /// A frozen layer in the middle passes gradient through but keeps its weight.
  @Test mutating func gradientsFlowThroughAFrozenLayer() {
    let parameters = Parameters([("a", stream.normal([3, 3])), ("b", stream.normal([3, 3]))])
    let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { $0 == "a" }
    let x = tape.constant(stream.normal([2, 3]))
    let output = tape.linear(
      tape.linear(x, weight: tape.parameter("a"), bias: nil), weight: tape.parameter("b"), bias: nil)
    var collector = GradientCollector()
    tape.backward(from: output, gradient: Tensor(repeating: 1, shape: [2, 3]), into: &collector)
    #expect(collector.gradients.keys.sorted() == [0])
  }

  @Test mutating func evaluationRecordsNothing() {
    let tape = Tape(parameters: Parameters([("w", stream.normal([3, 3]))]), mode: .evaluation)
    let output = tape.linear(tape.constant(stream.normal([1, 3])), weight: tape.parameter("w"), bias: nil)
    #expect(!output.needsGradient)
    let same = tape.dropout(output, rate: 0.5)
    #expect(same.value == output.value)
  }

  /// The weight is updated in place: the tape is its only holder when the gradient arrives.
  @Test mutating func parametersAreUpdatedInPlaceAfterTheInputGradient() {
    struct Update: GradientConsumer {
      var wasUnique = false
      mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
        wasUnique = parameter.isUniquelyReferenced()
        Elementwise.add(gradient.materialized(), times: -1, to: &parameter)
      }
      mutating func finish(_ parameters: inout Parameters) {}
    }
    let weight = stream.normal([3, 2])
    // An own copy, so that this test holds no second reference.
    let tape = Tape(parameters: Parameters([("w", Tensor(weight.values, shape: [3, 2]))]), mode: .training(seed: 1))
    let x = tape.input(Tensor([1, 2, 3], shape: [1, 3]))
    let output = tape.linear(x, weight: tape.parameter("w"), bias: nil)
    var update = Update()
    let pass = tape.backward(from: output, gradient: Tensor([1, 0], shape: [1, 2]), into: &update)
    #expect(update.wasUnique)
    #expect(pass.gradient(of: x)!.values == [weight[0], weight[2], weight[4]])
    let after = tape.finish()["w"]!
    #expect(after.values == [weight[0] - 1, weight[1], weight[2] - 2, weight[3], weight[4] - 3, weight[5]])
  }

  @Test mutating func dropoutKeepsTheMeanAndDependsOnTheSeedAlone() {
    let ones = Tensor(repeating: 1, shape: [200, 500])
    func mask(_ seed: UInt64) -> Tensor {
      let tape = Tape(parameters: Parameters(), mode: .training(seed: seed))
      return tape.dropout(tape.constant(ones), rate: 0.3).value
    }
    let first = mask(5)
    #expect(first == mask(5))
    #expect(first != mask(6))
    let dropped = Double(first.values.count { $0 == 0 }) / 100_000
    #expect(abs(dropped - 0.3) < 0.006)
    #expect(first.values.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-6 })
    let tape = Tape(parameters: Parameters(), mode: .training(seed: 5))
    let (a, b) = (tape.dropout(tape.constant(ones), rate: 0.3), tape.dropout(tape.constant(ones), rate: 0.3))
    #expect(a.value != b.value)
  }

  /// ⟨A·x, y⟩ = ⟨x, Aᵀ·y⟩ for the linear operations, on maps of several extents.
  @Test mutating func adjointIdentities() {
    let extents = Extents([Extent(height: 6, width: 5), Extent(height: 4, width: 7), Extent(height: 6, width: 5)])
    let x = stream.normal([extents.positionCount, 4])
    let parameters = Parameters([("c", stream.normal([3, 3, 4, 5])), ("l", stream.normal([4, 6]))])
    let operations: [(Tape, Variable) -> Variable] = [
      { tape, x in
        tape.convolution(
          FeatureMaps(x, extents), weight: tape.parameter("c"), bias: nil,
          Convolution(kernelHeight: 3, kernelWidth: 3, stride: 2, padding: 1)
        ).variable
      },
      { tape, x in tape.globalAveragePooling(FeatureMaps(x, extents)) },
      { tape, x in tape.linear(x, weight: tape.parameter("l"), bias: nil) },
      { tape, x in tape.dropout(x, rate: 0.5) },
    ]
    for operation in operations {
      let tape = Tape(parameters: parameters, mode: .training(seed: 9)) { _ in false }
      let input = tape.input(x)
      let output = operation(tape, input)
      let y = stream.normal(output.value.shape)
      var collector = GradientCollector()
      let pass = tape.backward(from: output, gradient: y, into: &collector)
      let (left, right) = (output.value.dot(y), x.dot(pass.gradient(of: input)!))
      #expect(abs(left - right) < 1e-4 * max(1, abs(left)))
    }
  }

  @Test mutating func aSharedParameterGetsTheSumOfItsGradients() {
    let parameters = Parameters([("w", stream.normal([4, 4]))])
    let check = GradientCheck(inputs: [stream.normal([3, 4])], parameters: parameters) { tape, inputs in
      let w = tape.parameter("w")
      return tape.linear(tape.linear(inputs[0], weight: w, bias: nil), weight: w, bias: nil)
    }
    #expect(check.agrees(gradients: 2), "\(check)")
  }

  /// Convolutions, normalization, pooling, ROIPool and fully connected layers in one network.
  @Test func aWholeNetworkAgreesWithTorch() throws {
    let torch = TorchValues()
    let golden = try torch.fixture.cases("network")[0]
    var names = ["fc6_weight", "fc6_bias", "fc7_weight", "fc7_bias"]
    for i in 1...2 { names += ["conv\(i)_weight", "conv\(i)_bias", "bn\(i)_scale", "bn\(i)_offset"] }
    var parameters = Parameters()
    for name in names { parameters[name] = try golden.tensor(name) }
    for i in 1...2 {
      let channels = parameters["bn\(i)_scale"]!.count
      parameters["bn\(i)_mean"] = Tensor(zeros: [channels])
      parameters["bn\(i)_variance"] = Tensor(repeating: 1, shape: [channels])
    }
    let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { names.contains($0) }
    let input = try golden.tensor("input")
    let (extents, rows) = TorchValues.layout(of: input.shape)
    let x = tape.input(input.reshaped(to: rows))
    var maps = FeatureMaps(x, extents)
    for i in 1...2 {
      maps = tape.convolution(
        maps, weight: tape.parameter("conv\(i)_weight"), bias: tape.parameter("conv\(i)_bias"),
        Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1))
      let p = BatchNormalizationParameters(
        scale: tape.parameter("bn\(i)_scale"), offset: tape.parameter("bn\(i)_offset"),
        mean: tape.parameter("bn\(i)_mean"), variance: tape.parameter("bn\(i)_variance"))
      maps = tape.batchNormalization(maps, p, epsilon: 1e-5, momentum: 0.1)
      maps = FeatureMaps(tape.relu(maps.variable), maps.extents, spatialScale: maps.spatialScale)
      if i == 1 { maps = tape.maxPooling(maps, MaxPooling(size: 2, stride: 2)) }
    }
    #expect(maps.variable.value.distance(to: try golden.tensor("features")) < torch.tolerance)
    let pooled = tape.roiPool(
      maps, regions: (0..<extents.count).map { Region(image: $0) }, ROIPool(height: 7, width: 7))
    #expect(pooled.variable.value.distance(to: try golden.tensor("pooled")) < torch.tolerance)
    let hidden = tape.relu(
      tape.linear(tape.flatten(pooled), weight: tape.parameter("fc6_weight"), bias: tape.parameter("fc6_bias")))
    let logits = tape.linear(hidden, weight: tape.parameter("fc7_weight"), bias: tape.parameter("fc7_bias"))
    #expect(logits.value.distance(to: try golden.tensor("logits")) < torch.tolerance)
    let loss = tape.softmaxCrossEntropy(logits, labels: try golden.labels("labels"))
    #expect(loss.value.distance(to: try golden.tensor("loss")) < torch.tolerance)
    var collector = GradientCollector()
    let pass = tape.backward(from: loss, into: &collector)
    #expect(pass.gradient(of: x)!.distance(to: try golden.tensor("input_gradient")) < torch.tolerance)
    for (index, name) in names.enumerated() {
      let expected = try golden.tensor(name + "_gradient")
      #expect(collector.gradients[index]!.materialized().distance(to: expected) < torch.tolerance, "\(name)")
    }
  }
}
