import Autodiff
import Kernels

/// Fully connected: rows of `inputs` → rows of `outputs`; weight `[in, out]`, bias `[out]`.
package struct LinearLayer: Module {
  package let inputs: Int
  package let outputs: Int
  /// Deviation of the first weights; `nil` is √(1 / (3·inputs)), the variance of torch's default, as He's larger one
  /// lets fully connected layers on maximum-pooled features die at the rates that their backbone wants.
  package let deviation: Float?

  package init(inputs: Int, outputs: Int, deviation: Float? = nil) {
    self.inputs = inputs
    self.outputs = outputs
    self.deviation = deviation
  }

  package var parameters: [ParameterSpecification] {
    [
      ParameterSpecification(
        "weight", [inputs, outputs], .normal(deviation: deviation ?? (1 / (3 * Float(inputs))).squareRoot())),
      ParameterSpecification("bias", [outputs], .constant(0)),
    ]
  }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .rows(inputs) = input else { throw ShapeError(name, gets: input, expected: "rows of \(inputs)") }
    return .rows(outputs)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .rows(pass.tape.linear(input.rows(pass), weight: pass.parameter("weight"), bias: pass.parameter("bias")))
  }
}

/// max(x, 0) of maps or rows.
package struct ReLULayer: Module {
  package init() {}

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape { input }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    switch input {
    case .maps(let maps): .maps(FeatureMaps(pass.tape.relu(maps.cells), maps.extents, scale: maps.scale))
    case .rows(let rows): .rows(pass.tape.relu(rows))
    }
  }
}

/// Dropout of rows in training; the identity otherwise.
package struct DropoutLayer: Module {
  /// The probability that an element is zeroed, in [0, 1).
  package let rate: Float

  package init(rate: Float) { self.rate = rate }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .rows = input else { throw ShapeError(name, gets: input, expected: "rows") }
    return input
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .rows(pass.tape.dropout(input.rows(pass), rate: rate))
  }
}
