import Autodiff
import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// Recorded values and gradients of torch's operations; see Fixtures/make_fixtures.py and make_windows.py.
struct TorchValues {
  let fixture: Fixture
  let tolerance = 2e-5

  init(_ file: String = "operations.h5") {
    fixture = Fixture(Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(file)").path)
  }

  /// Runs an operation and compares its output and all its gradients with the case's.
  func compare(
    _ golden: FixtureCase, parameters names: [String] = [], others: Parameters = Parameters(),
    _ operation: (Tape, FeatureMaps) throws -> Variable
  ) throws -> Parameters {
    let input = try golden.tensor("input")
    var parameters = Parameters()
    for name in names { parameters[name] = try golden.tensor(name) }
    for (name, tensor) in others { parameters[name] = tensor }
    let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { names.contains($0) }
    let (extents, rows) = Self.layout(of: input.shape)
    let x = tape.input(input.reshaped(to: rows))
    let output = try operation(tape, FeatureMaps(x, extents))
    #expect(output.value.distance(to: try golden.tensor("output")) < tolerance, "\(golden): output")
    var collector = GradientCollector()
    let upstream = try golden.tensor("output_gradient").reshaped(to: output.value.shape)
    let pass = tape.backward(from: output, gradient: upstream, into: &collector)
    #expect(
      pass.gradient(of: x)!.distance(to: try golden.tensor("input_gradient")) < tolerance, "\(golden): input_gradient")
    for (index, name) in names.enumerated() {
      let expected = try golden.tensor(name + "_gradient")
      #expect(collector.gradients[index]!.materialized().distance(to: expected) < tolerance, "\(golden): \(name)")
    }
    return tape.finish()
  }

  static func layout(of shape: [Int]) -> (Extents, [Int]) {
    shape.count == 4
      ? (Extents(count: shape[0], height: shape[1], width: shape[2]), [shape[0] * shape[1] * shape[2], shape[3]])
      : (Extents(count: shape[0], height: 1, width: 1), shape)
  }
}
