internal import Autodiff
internal import Kernels
package import Tensors

/// Convolution: maps `[N, H, W, in]` → maps `[N, H', W', out]`; weight `[kh, kw, in / groups, out]`, bias `[out]`.
///
/// Weight initialization: normal with `standardDeviation`, default √(2 / fan-in) (He et al. 2015); biases are 0.
package struct ConvolutionLayer: Layer {
  /// `convolution` in a configuration.
  package static let kind = "convolution"

  /// Output channels; `nil` stands for the number of classes.
  package var outputs: Int?
  /// Height and width of the kernel, in positions.
  package var kernel: Extent
  /// The distance of two outputs, in input positions.
  package var stride: Int
  /// Zeros around each map, in input positions.
  package var padding: Padding
  /// The distance of two positions of the kernel, in input positions.
  package var dilation: Int
  /// Groups of channels; as many as input channels for a depthwise convolution.
  package var groups: Int
  /// Whether a bias is added to each output channel.
  package var hasBias: Bool
  /// Of the weight initialization; `nil` stands for √(2 / fan-in).
  package var standardDeviation: Float?

  private enum CodingKeys: String, CodingKey {
    case outputs, kernel, stride, padding, dilation, groups
    case hasBias = "bias"
    case standardDeviation
  }

  /// A convolution; default: stride 1, no padding, no dilation, one group, with a bias.
  package init(
    outputs: Int?, kernel: Extent, stride: Int = 1, padding: Padding = 0, dilation: Int = 1, groups: Int = 1,
    hasBias: Bool = true, standardDeviation: Float? = nil
  ) {
    (self.outputs, self.kernel, self.stride, self.padding) = (outputs, kernel, stride, padding)
    (self.dilation, self.groups) = (dilation, groups)
    (self.hasBias, self.standardDeviation) = (hasBias, standardDeviation)
  }

  /// Decodes `kernel` and, if given, `outputs`, `stride`, `padding`, `dilation`, `groups`, `bias` and
  /// `standardDeviation`.
  ///
  /// - Throws: `DecodingError` for a missing kernel or a number out of range.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      outputs: try values.outputs(.outputs), kernel: try values.extent(.kernel, in: 1...1024),
      stride: try values.integer(.stride, in: 1...1024, or: 1),
      padding: try values.padding(.padding, in: 0...1024),
      dilation: try values.integer(.dilation, in: 1...1024, or: 1),
      groups: try values.integer(.groups, in: 1...1 << 20, or: 1),
      hasBias: try values.decodeIfPresent(Bool.self, forKey: .hasBias) ?? true,
      standardDeviation: try values.standardDeviation(.standardDeviation))
  }

  /// In a table of layers: the kernel, and stride, dilation and groups above 1.
  package var title: String {
    "convolution \(kernel.height) × \(kernel.width)" + (stride > 1 ? " / \(stride)" : "")
      + (dilation > 1 ? ", dilation \(dilation)" : "") + (groups > 1 ? ", \(groups) groups" : "")
  }

  /// Its tensors, and how its window moves.
  package var operation: LayerOperation? {
    .weights(window: ConvolutionWindow(stride: [stride], dilation: [dilation]))
  }
  /// True: maps to maps.
  package var isSpatial: Bool { true }
  /// True.
  package var fusesReLU: Bool { true }

  /// The layer with open outputs set to the number of classes.
  package func resolved(classes: Int) -> ConvolutionLayer {
    var layer = self
    layer.outputs = outputs ?? classes
    return layer
  }

  /// Maps with the extent of `Kernels.SlidingWindow` and `outputs` channels.
  ///
  /// - Throws: `ShapeError` for features, if the padded map is smaller than the kernel, or if the groups divide the input or
  ///   output channels unevenly.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(let extent, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    let outputs = outputs.resolved(in: name)
    guard channels % groups == 0, outputs % groups == 0 else {
      throw ShapeError(
        problem: "layer \(name) has \(groups) groups, \(channels) input channels and \(outputs) output channels; "
          + "expected multiples of the number of groups")
    }
    let output = extent.map { convolution.output(of: $0) }
    guard output.map({ $0.area > 0 }) ?? true else {
      throw ShapeError(
        name, gets: input,
        expected: "maps of at least \(convolution.window.covered.height) × \(convolution.window.covered.width) "
          + "positions, padding included")
    }
    return .maps(output, channels: outputs)
  }

  /// `weight` `[kh, kw, in / groups, out]` and, with a bias, `bias` `[out]`.
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    let outputs = outputs.resolved(in: Self.kind)
    let inputs = input.channels / groups
    let standardDeviation = standardDeviation ?? (2 / Float(kernel.area * inputs)).squareRoot()
    let weight = ParameterSpecification(
      "weight", [kernel.height, kernel.width, inputs, outputs],
      .normal(standardDeviation: standardDeviation))
    return hasBias ? [weight, ParameterSpecification("bias", [outputs], .constant(0))] : [weight]
  }

  /// Output positions · kh · kw · in / groups · out; 0 if the extent is unknown.
  package func multiplyAccumulates(of input: ActivationShape) -> Int {
    guard case .maps(let extent?, let channels) = input else { return 0 }
    return convolution.output(of: extent).area * kernel.area * (channels / groups)
      * outputs.resolved(in: Self.kind)
  }

  /// The convolution; see `Kernels.Convolution`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(
      context.tape.convolution(
        input.maps(context), weight: context.parameter("weight"), bias: hasBias ? context.parameter("bias") : nil,
        convolution, fusesReLU: context.fusesReLU))
  }

  private var convolution: Kernels.Convolution {
    Kernels.Convolution(
      kernelHeight: kernel.height, kernelWidth: kernel.width, stride: stride, padding: padding, dilation: dilation,
      groups: groups)
  }
}

extension Int? {
  /// The number of outputs; traps on `nil` if `resolved(classes:)` was not called.
  func resolved(in layer: String) -> Int {
    guard let self else { preconditionFailure("\(layer): its outputs are unspecified; build it as part of a network") }
    return self
  }
}
