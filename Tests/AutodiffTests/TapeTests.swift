import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct TapeTests {
  var stream = RandomStream(seed: 3)

  /// Nothing is computed for what is frozen: no gradient for its parameters, none for what lies below.
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
    let x = stream.normal([extents.cells, 4])
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
}
