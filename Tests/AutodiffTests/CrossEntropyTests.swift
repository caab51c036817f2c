import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct CrossEntropyTests {
  let torch = TorchValues()
  var stream = RandomStream(seed: 11)

  @Test func agreesWithTorch() throws {
    for golden in try torch.fixture.cases("softmax_cross_entropy_") {
      let tape = Tape(parameters: Parameters(), mode: .training(seed: 1))
      let logits = tape.input(try golden.tensor("logits"))
      let loss = tape.softmaxCrossEntropy(logits, labels: try golden.labels("labels"))
      #expect(loss.value.distance(to: try golden.tensor("loss")) < torch.tolerance, "\(golden)")
      var collector = GradientCollector()
      let pass = tape.backward(from: loss, into: &collector)
      #expect(
        pass.gradient(of: logits)!.distance(to: try golden.tensor("logits_gradient")) < torch.tolerance, "\(golden)")
      let softmax = CrossEntropy.softmax(logits.value)
      #expect(softmax.distance(to: try golden.tensor("probabilities")) < torch.tolerance, "\(golden)")
    }
  }

  @Test mutating func agreesWithDifferences() {
    let check = GradientCheck(inputs: [stream.normal([4, 5])]) { tape, inputs in
      tape.softmaxCrossEntropy(inputs[0], labels: [0, 4, 2, 2])
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }
}
