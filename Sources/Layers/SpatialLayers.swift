import Autodiff
package import Kernels
import Tensors

/// Convolution: maps of `inputs` channels → maps of `outputs`; weight `[kh, kw, in, out]`, bias `[out]`.
///
/// Weights start normal with the deviation given or √(2 / fan-in) (He et al. 2015), biases at 0.
package struct ConvolutionLayer: RectifiableModule {
  package let inputs: Int
  package let outputs: Int
  package let kernel: Kernels.Convolution
  package let hasBias: Bool
  package let deviation: Float?

  package init(
    inputs: Int, outputs: Int, kernel: Kernels.Convolution, hasBias: Bool = true, deviation: Float? = nil
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.hasBias = hasBias
    self.deviation = deviation
  }

  package var title: String {
    "convolution \(kernel.kernelHeight) × \(kernel.kernelWidth)" + (kernel.stride > 1 ? " / \(kernel.stride)" : "")
  }

  package func multiplyAdds(of input: SignalShape) -> Int {
    guard case .maps(let extent, _) = input else { return 0 }
    return kernel.output(of: extent).cells * kernel.kernelHeight * kernel.kernelWidth * inputs * outputs
  }

  package var parameters: [ParameterSpecification] {
    let area = kernel.kernelHeight * kernel.kernelWidth
    let deviation = deviation ?? (2 / Float(area * inputs)).squareRoot()
    let weight = ParameterSpecification(
      "weight", [kernel.kernelHeight, kernel.kernelWidth, inputs, outputs], .normal(deviation: deviation))
    return hasBias ? [weight, ParameterSpecification("bias", [outputs], .constant(0))] : [weight]
  }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(let extent, inputs) = input else {
      throw ShapeError(name, gets: input, expected: "maps of \(inputs) channels")
    }
    let output = kernel.output(of: extent)
    guard output.cells > 0 else {
      throw ShapeError(
        name, gets: input,
        expected: "maps of at least \(kernel.kernelHeight) × \(kernel.kernelWidth) cells with their padding")
    }
    return .maps(output, channels: outputs)
  }

  package func forward(_ input: Signal, _ pass: Pass, isRectified: Bool) -> Signal {
    .maps(
      pass.tape.convolution(
        input.maps(pass), weight: pass.parameter("weight"), bias: hasBias ? pass.parameter("bias") : nil, kernel,
        isRectified: isRectified))
  }
}

/// Batch normalisation of maps or rows; scale, offset, running mean and running variance, each `[channels]`.
///
/// Frozen scale and offset freeze the layer: it then uses its running statistics in training too.
package struct BatchNormalisationLayer: RectifiableModule {
  package let channels: Int
  package let epsilon: Float
  /// How far the running statistics move towards the batch's at each step.
  package let momentum: Float

  package init(channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
  }

  package var title: String { "batch normalisation" }

  package var parameters: [ParameterSpecification] {
    [
      ParameterSpecification("scale", [channels], .constant(1)),
      ParameterSpecification("offset", [channels], .constant(0)),
      ParameterSpecification("mean", [channels], .constant(0), isTrained: false),
      ParameterSpecification("variance", [channels], .constant(1), isTrained: false),
    ]
  }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    switch input {
    case .maps(_, channels), .rows(channels): return input
    default: throw ShapeError(name, gets: input, expected: "maps or rows of \(channels) channels")
    }
  }

  package func forward(_ input: Signal, _ pass: Pass, isRectified: Bool) -> Signal {
    let parameters = NormalisationParameters(
      scale: pass.parameter("scale"), offset: pass.parameter("offset"), mean: pass.parameter("mean"),
      variance: pass.parameter("variance"))
    let isFrozen = !parameters.scale.isTrainable && !parameters.offset.isTrainable
    func normalised(_ maps: FeatureMaps) -> FeatureMaps {
      pass.tape.batchNormalisation(
        maps, parameters, epsilon: epsilon, momentum: momentum, isFrozen: isFrozen, isRectified: isRectified)
    }
    switch input {
    case .maps(let maps): return .maps(normalised(maps))
    case .rows(let rows):
      let cells = Extents(count: rows.value.shape[0], height: 1, width: 1)
      return .rows(normalised(FeatureMaps(rows, cells)).cells)
    }
  }
}

extension Signal {
  /// The maps; traps on rows, which a checked network never has here.
  func maps(_ pass: Pass) -> FeatureMaps {
    guard case .maps(let maps) = self else { preconditionFailure("layer \(pass.path) gets rows, expected maps") }
    return maps
  }

  /// The rows; traps on maps.
  func rows(_ pass: Pass) -> Variable {
    guard case .rows(let rows) = self else { preconditionFailure("layer \(pass.path) gets maps, expected rows") }
    return rows
  }
}
