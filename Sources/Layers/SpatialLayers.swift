import Autodiff
package import Kernels

/// Convolution: maps of `inputs` channels → maps of `outputs`; weight `[kh, kw, in, out]`, bias `[out]`.
///
/// Weights start normal with deviation √(2 / fan-in) (He et al. 2015), biases at 0.
package struct ConvolutionLayer: Module {
  package let inputs: Int
  package let outputs: Int
  package let kernel: Kernels.Convolution
  package let hasBias: Bool

  package init(inputs: Int, outputs: Int, kernel: Kernels.Convolution, hasBias: Bool = true) {
    self.inputs = inputs
    self.outputs = outputs
    self.kernel = kernel
    self.hasBias = hasBias
  }

  package var parameters: [ParameterSpecification] {
    let area = kernel.kernelHeight * kernel.kernelWidth
    let deviation = (2 / Float(area * inputs)).squareRoot()
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

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .maps(
      pass.tape.convolution(
        input.maps(pass), weight: pass.parameter("weight"), bias: hasBias ? pass.parameter("bias") : nil, kernel))
  }
}

/// Batch normalisation of maps; scale, offset, running mean and running variance, each `[channels]`.
///
/// Frozen scale and offset freeze the layer: it then uses its running statistics in training too.
package struct BatchNormalisationLayer: Module {
  package let channels: Int
  package let epsilon: Float
  /// How far the running statistics move towards the batch's at each step.
  package let momentum: Float

  package init(channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.channels = channels
    self.epsilon = epsilon
    self.momentum = momentum
  }

  package var parameters: [ParameterSpecification] {
    [
      ParameterSpecification("scale", [channels], .constant(1)),
      ParameterSpecification("offset", [channels], .constant(0)),
      ParameterSpecification("mean", [channels], .constant(0), isTrained: false),
      ParameterSpecification("variance", [channels], .constant(1), isTrained: false),
    ]
  }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(_, channels) = input else {
      throw ShapeError(name, gets: input, expected: "maps of \(channels) channels")
    }
    return input
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    let parameters = NormalisationParameters(
      scale: pass.parameter("scale"), offset: pass.parameter("offset"), mean: pass.parameter("mean"),
      variance: pass.parameter("variance"))
    let isFrozen = !parameters.scale.isTrainable && !parameters.offset.isTrainable
    return .maps(
      pass.tape.batchNormalisation(
        input.maps(pass), parameters, epsilon: epsilon, momentum: momentum, isFrozen: isFrozen))
  }
}

/// Maximum pooling of maps.
package struct MaximumPoolingLayer: Module {
  package let pooling: Kernels.MaximumPooling

  package init(_ pooling: Kernels.MaximumPooling) { self.pooling = pooling }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(let extent, let channels) = input, pooling.output(of: extent).cells > 0 else {
      throw ShapeError(name, gets: input, expected: "maps of at least \(pooling.size) × \(pooling.size) cells")
    }
    return .maps(pooling.output(of: extent), channels: channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .maps(pass.tape.maximumPooling(input.maps(pass), pooling))
  }
}

/// ROIPool: each region of the batch to one map of a fixed extent.
package struct ROIPoolLayer: Module {
  package let pool: Kernels.ROIPool

  package init(_ pool: Kernels.ROIPool) { self.pool = pool }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .maps(Extent(height: pool.height, width: pool.width), channels: channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .maps(pass.tape.roiPool(input.maps(pass), regions: pass.regions, pool))
  }
}

/// Global average pooling: each map to one row of its channels.
package struct GlobalAveragePoolingLayer: Module {
  package init() {}

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .rows(channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .rows(pass.tape.globalAveragePooling(input.maps(pass)))
  }
}

/// Each map as one row in (y, x, channel) order, Keras's flatten order.
package struct FlattenLayer: Module {
  package init() {}

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(let extent, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .rows(extent.cells * channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal { .rows(pass.tape.flatten(input.maps(pass))) }
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
