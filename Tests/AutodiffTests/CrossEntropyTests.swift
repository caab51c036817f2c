import Autodiff
import Foundation
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

/// With class weights, label smoothing and mixed labels; see Fixtures/make_losses.py.
extension CrossEntropyTests {
  private func targets(_ golden: FixtureCase, weighted: Bool = true) throws -> CrossEntropy.SoftTargets {
    CrossEntropy.SoftTargets(
      labels: try golden.labels("labels"),
      mixed: (try golden.labels("partners"), Float(try golden.number("share"))),
      classWeights: try golden.tensor("weights").values.map { weighted ? Double($0) : 1 },
      smoothing: try golden.number("smoothing"))
  }

  @Test func softTargetsAgreeWithTorch() throws {
    let fixture = Fixture(Bundle.module.resourceURL!.appendingPathComponent("Fixtures/losses.h5").path)
    var others = 0
    for golden in try fixture.cases("") {
      let expected = try golden.tensor("loss")
      let tape = Tape(parameters: Parameters(), mode: .training(seed: 1))
      let logits = tape.input(try golden.tensor("logits"))
      let loss = tape.softmaxCrossEntropy(logits, targets: try targets(golden))
      #expect(loss.value.distance(to: expected) < 1e-5 * max(1, Double(expected.scalar)), "\(golden)")
      var collector = GradientCollector()
      let pass = tape.backward(from: loss, into: &collector)
      #expect(pass.gradient(of: logits)!.distance(to: try golden.tensor("logits_gradient")) < 1e-6, "\(golden)")
      // The negative control: other weights give another loss.
      let unweighted = CrossEntropy.forward(logits.value, targets: try targets(golden, weighted: false)).loss
      if golden.name.contains("weighted") {
        others += 1
        #expect(abs(unweighted - expected.scalar) > 1e-3, "\(golden)")
      }
    }
    #expect(others == 4)
  }

  /// Without weights, smoothing and partners they are the labels.
  @Test mutating func softTargetsOfPlainLabelsAreTheLabels() {
    let logits = stream.normal([4, 5])
    let labels = [0, 4, 2, 2]
    let targets = CrossEntropy.SoftTargets(
      labels: labels, mixed: nil, classWeights: [1, 1, 1, 1, 1], smoothing: 0)
    #expect(targets.weight == 4)
    #expect(
      CrossEntropy.forward(logits, targets: targets).loss == CrossEntropy.forward(logits, labels: labels).loss)
  }

  @Test mutating func softTargetsAgreeWithDifferences() {
    let targets = CrossEntropy.SoftTargets(
      labels: [0, 4, 2, 2], mixed: ([4, 2, 0, 2], 0.7), classWeights: [0.5, 2, 1, 3, 0.2], smoothing: 0.2)
    let check = GradientCheck(inputs: [stream.normal([4, 5])]) { tape, inputs in
      tape.softmaxCrossEntropy(inputs[0], targets: targets)
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }
}
