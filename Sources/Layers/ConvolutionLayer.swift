internal import Autodiff
internal import Kernels
package import Tensors

/// Convolution: maps `[N, H, W, in]` → maps `[N, H', W', out]`; weight `[kh, kw, in, out]`, bias `[out]`.
///
/// Weights begin normal with the standard deviation given or √(2 / fan-in) (He et al. 2015), biases at 0.
package struct ConvolutionLayer: Layer {
  package static let kind = "convolution"

  /// Output channels; `nil` are the classes.
  package var outputs: Int?
  package var kernel: Extent
  package var stride: Int
  package var padding: Int
  package var hasBias: Bool
  /// Of the initial weights; `nil` is √(2 / fan-in).
  package var standardDeviation: Float?

  private enum CodingKeys: String, CodingKey {
    case outputs, kernel, stride, padding
    case hasBias = "bias"
    case standardDeviation
  }

  package init(
    outputs: Int?, kernel: Extent, stride: Int = 1, padding: Int = 0, hasBias: Bool = true,
    standardDeviation: Float? = nil
  ) {
    (self.outputs, self.kernel, self.stride, self.padding) = (outputs, kernel, stride, padding)
    (self.hasBias, self.standardDeviation) = (hasBias, standardDeviation)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      outputs: try values.outputs(.outputs), kernel: try values.extent(.kernel, in: 1...1024),
      stride: try values.integer(.stride, in: 1...1024, or: 1),
      padding: try values.integer(.padding, in: 0...1024, or: 0),
      hasBias: try values.decodeIfPresent(Bool.self, forKey: .hasBias) ?? true,
      standardDeviation: try values.standardDeviation(.standardDeviation))
  }

  package var title: String {
    "convolution \(kernel.height) × \(kernel.width)" + (stride > 1 ? " / \(stride)" : "")
  }

  package var isSpatial: Bool { true }
  package var fusesReLU: Bool { true }

  package func resolved(classes: Int) -> ConvolutionLayer {
    var layer = self
    layer.outputs = outputs ?? classes
    return layer
  }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(let extent, channels: _) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    let output = extent.map { convolution.output(of: $0) }
    guard output.map({ $0.cells > 0 }) ?? true else {
      throw ShapeError(
        name, gets: input,
        expected: "maps of at least \(kernel.height) × \(kernel.width) cells with their padding")
    }
    return .maps(output, channels: outputs.resolved(in: name))
  }

  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    let outputs = outputs.resolved(in: Self.kind)
    let standardDeviation = standardDeviation ?? (2 / Float(kernel.cells * input.channels)).squareRoot()
    let weight = ParameterSpecification(
      "weight", [kernel.height, kernel.width, input.channels, outputs],
      .normal(standardDeviation: standardDeviation))
    return hasBias ? [weight, ParameterSpecification("bias", [outputs], .constant(0))] : [weight]
  }

  package func multiplyAccumulates(of input: ActivationShape) -> Int {
    guard case .maps(let extent?, let channels) = input else { return 0 }
    return convolution.output(of: extent).cells * kernel.cells * channels * outputs.resolved(in: Self.kind)
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(
      context.tape.convolution(
        input.maps(context), weight: context.parameter("weight"), bias: hasBias ? context.parameter("bias") : nil,
        convolution, fusesReLU: context.fusesReLU))
  }

  private var convolution: Kernels.Convolution {
    Kernels.Convolution(kernelHeight: kernel.height, kernelWidth: kernel.width, stride: stride, padding: padding)
  }
}

extension Int? {
  /// A number of outputs; traps where it was left to the classes and `resolved(classes:)` was not called.
  func resolved(in layer: String) -> Int {
    guard let self else { preconditionFailure("\(layer): its outputs are open; build it as part of a network") }
    return self
  }
}
