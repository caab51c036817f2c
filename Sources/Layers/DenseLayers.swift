import Autodiff
import Kernels

/// Fully connected: rows of `inputs` → rows of `outputs`; weight `[in, out]`, bias `[out]`.
package struct LinearLayer: RectifiableModule {
  package let inputs: Int
  package let outputs: Int
  package let hasBias: Bool
  /// Deviation of the first weights; `nil` is √(1 / (3·inputs)), the variance of torch's default, as He's larger one
  /// lets fully connected layers on maximum-pooled features die at the rates that their backbone wants.
  package let deviation: Float?

  package init(inputs: Int, outputs: Int, hasBias: Bool = true, deviation: Float? = nil) {
    self.inputs = inputs
    self.outputs = outputs
    self.hasBias = hasBias
    self.deviation = deviation
  }

  /// The deviation of the first weights where none is given.
  package static func deviation(inputs: Int) -> Float { (1 / (3 * Float(inputs))).squareRoot() }

  package var title: String { "linear" }

  package var parameters: [ParameterSpecification] {
    let weight = ParameterSpecification(
      "weight", [inputs, outputs], .normal(deviation: deviation ?? Self.deviation(inputs: inputs)))
    return hasBias ? [weight, ParameterSpecification("bias", [outputs], .constant(0))] : [weight]
  }

  package func multiplyAdds(of input: SignalShape) -> Int { inputs * outputs }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .rows(inputs) = input else { throw ShapeError(name, gets: input, expected: "rows of \(inputs)") }
    return .rows(outputs)
  }

  package func forward(_ input: Signal, _ pass: Pass, isRectified: Bool) -> Signal {
    .rows(
      pass.tape.linear(
        input.rows(pass), weight: pass.parameter("weight"), bias: hasBias ? pass.parameter("bias") : nil,
        isRectified: isRectified))
  }
}

/// Rows scaled to L2 length 1.
package struct UnitLengthLayer: Module {
  package init() {}

  package var title: String { "unit length" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .rows = input else { throw ShapeError(name, gets: input, expected: "rows") }
    return input
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal { .rows(pass.tape.unitRows(input.rows(pass))) }
}

/// max(x, 0) of maps or rows.
package struct ReLULayer: Module {
  package init() {}

  package var title: String { "relu" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape { input }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal { input.mapped { pass.tape.relu($0) } }
}

/// Dropout of maps' or rows' elements in training; the identity otherwise.
package struct DropoutLayer: Module {
  /// The probability that an element is zeroed, in [0, 1).
  package let rate: Float

  package init(rate: Float) { self.rate = rate }

  package var title: String { "dropout \(rate)" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape { input }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    input.mapped { pass.tape.dropout($0, rate: rate) }
  }
}

extension Signal {
  /// The signal after an operation that treats every element alike.
  func mapped(_ operation: (Variable) -> Variable) -> Signal {
    switch self {
    case .maps(let maps): .maps(FeatureMaps(operation(maps.cells), maps.extents, scale: maps.scale))
    case .rows(let rows): .rows(operation(rows))
    }
  }
}
