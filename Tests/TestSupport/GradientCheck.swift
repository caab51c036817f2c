package import Autodiff
import Kernels
package import Tensors

/// Compares an operation's gradients with central differences of a random projection of its output.
///
/// If the two one-sided differences disagree, the function has a kink (ReLU at 0, two equal maxima): such elements are
/// skipped and counted.
package struct GradientCheck {
  /// The largest |analytic − numeric| of all compared elements, relative to the largest gradient of the tensor.
  package private(set) var worst = 0.0
  /// The number of compared elements.
  package private(set) var compared = 0
  /// The number of elements at kinks.
  package private(set) var skipped = 0
  /// The gradients that were compared: `input k` or the parameter's name.
  package private(set) var seen: [String] = []

  /// Checks the gradients of an operation with respect to its inputs and trainable parameters.
  package init(
    inputs: [Tensor] = [], parameters: Parameters = Parameters(), seed: UInt64 = 1, step: Float = 0x1p-7,
    isTrainable: (String) -> Bool = { _ in true }, _ operation: (Tape, [Variable]) -> Variable
  ) {
    func run(_ inputs: [Tensor], _ parameters: Parameters) -> (Tape, [Variable], Variable) {
      let tape = Tape(parameters: parameters, mode: .training(seed: seed), isTrainable: isTrainable)
      let variables = inputs.map { tape.input($0) }
      return (tape, variables, operation(tape, variables))
    }
    let (tape, variables, output) = run(inputs, parameters)
    var stream = RandomStream(seed: seed, keys: 99)
    let projection = stream.normal(output.value.shape)
    func value(_ inputs: [Tensor], _ parameters: Parameters) -> Double {
      run(inputs, parameters).2.value.dot(projection)
    }
    let center = value(inputs, parameters)
    var collector = GradientCollector()
    let pass = tape.backward(from: output, gradient: projection, into: &collector)

    for (index, variable) in variables.enumerated() {
      guard let gradient = pass.gradient(of: variable) else { continue }
      seen.append("input \(index)")
      compare(gradient, inputs[index], center, step) { changed in
        var inputs = inputs
        inputs[index] = changed
        return value(inputs, parameters)
      }
    }
    for (index, gradient) in collector.gradients.sorted(by: { $0.key < $1.key }) {
      seen.append(parameters.name(at: index))
      compare(gradient.materialized(), parameters[index], center, step) { changed in
        var parameters = parameters
        parameters[index] = changed
        return value(inputs, parameters)
      }
    }
  }

  private mutating func compare(
    _ gradient: Tensor, _ point: Tensor, _ center: Double, _ step: Float, _ value: (Tensor) -> Double
  ) {
    let differences = (0..<point.count).map { element in
      var above = point
      var below = point
      above[element] += step
      below[element] -= step
      let (high, low) = (value(above), value(below))
      return (numeric: (high - low) / (2 * Double(step)), bend: abs(high - 2 * center + low) / Double(step))
    }
    // A gradient of zeros throughout is compared absolutely.
    let largest = (0..<point.count).map { max(abs(differences[$0].numeric), abs(Double(gradient[$0]))) }.max() ?? 0
    let scale = largest > 1e-3 ? largest : 1
    for (element, difference) in differences.enumerated() {
      if difference.bend > 0.01 * max(1, abs(difference.numeric)) {
        skipped += 1
        continue
      }
      compared += 1
      worst = max(worst, abs(Double(gradient[element]) - difference.numeric) / scale)
    }
  }

  /// Whether `gradients` gradients were compared and agree, and at most a tenth of the elements was skipped.
  package func agrees(within tolerance: Double = 0.01, gradients: Int) -> Bool {
    worst <= tolerance && compared > 0 && skipped * 10 <= compared && seen.count == gradients
  }
}
