package import Autodiff
package import Kernels
package import Tensors

/// What flows between layers: maps before the flattening, rows after it.
package enum Signal {
  case maps(FeatureMaps)
  case rows(Variable)
}

/// The shape of a signal for one image or region.
package enum SignalShape: Sendable, Equatable, CustomStringConvertible {
  case maps(Extent, channels: Int)
  case rows(Int)

  /// Elements of one map or row.
  package var count: Int {
    switch self {
    case .maps(let extent, let channels): extent.cells * channels
    case .rows(let features): features
    }
  }

  package var description: String {
    switch self {
    case .maps(let extent, let channels): "\(extent.height) × \(extent.width) × \(channels)"
    case .rows(let features): "\(features)"
    }
  }
}

extension SignalShape {
  /// The same shape; throws where a layer makes more of one image than any machine holds.
  func limited(named name: String) throws(ShapeError) -> SignalShape {
    let count =
      switch self {
      case .maps(let extent, let channels): Double(extent.height) * Double(extent.width) * Double(channels)
      case .rows(let features): Double(features)
      }
    guard count <= Double(1 << 40) else {
      throw ShapeError(problem: "layer \(name) makes \(self) of an image, which is too large")
    }
    return self
  }
}

/// A layer does not fit what comes before it.
package struct ShapeError: Error, CustomStringConvertible {
  package let description: String

  package init(_ layer: String, gets shape: SignalShape, expected: String) {
    description = "layer \(layer) gets \(shape), expected \(expected)"
  }

  package init(problem: String) { description = problem }
}

/// What a layer needs besides its input: the tape, its own path, and the batch's regions.
package struct Pass {
  package let tape: Tape
  package let path: String
  package let regions: [Region]

  package init(tape: Tape, path: String, regions: [Region]) {
    self.tape = tape
    self.path = path
    self.regions = regions
  }

  /// The layer's parameter of that name.
  package func parameter(_ name: String) -> ParameterReference { tape.parameter("\(path).\(name)") }
}

/// A layer: an immutable description, which names its parameters and applies them to a signal.
package protocol Module: Sendable {
  /// What it is, in words for a table.
  var title: String { get }
  /// The layer's parameters by their last name, in the order of Keras's files.
  var parameters: [ParameterSpecification] { get }
  /// The layers within, whose parameters are its own.
  var parts: [Network.Layer] { get }
  /// Multiplications with an addition of the forward pass for one image; those of products alone.
  func multiplyAdds(of input: SignalShape) -> Int
  /// The shape that comes out; throws what is expected where the layer does not fit.
  func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape
  /// Records the layer on the tape; traps on a signal that `outputShape` refuses.
  func forward(_ input: Signal, _ pass: Pass) -> Signal
}

extension Module {
  package var parameters: [ParameterSpecification] { [] }
  package var parts: [Network.Layer] { [] }
  package func multiplyAdds(of input: SignalShape) -> Int { 0 }
}

/// A layer that takes the ReLU after it along: one operation for two, which spares a tensor and a way through memory.
package protocol RectifiableModule: Module {
  /// Records the layer and, where `isRectified`, the ReLU after it; the numbers are those of one after the other.
  func forward(_ input: Signal, _ pass: Pass, isRectified: Bool) -> Signal
}

extension RectifiableModule {
  package func forward(_ input: Signal, _ pass: Pass) -> Signal { forward(input, pass, isRectified: false) }
}

/// A parameter to be made: its name, shape and first values.
package struct ParameterSpecification: Sendable, Equatable {
  /// How the first values are drawn.
  package enum Initialiser: Sendable, Equatable {
    case constant(Float)
    case normal(deviation: Float)
  }

  package let name: String
  package let shape: [Int]
  package let initialiser: Initialiser
  /// False for running statistics, which no gradient trains.
  package let isTrained: Bool

  package init(_ name: String, _ shape: [Int], _ initialiser: Initialiser, isTrained: Bool = true) {
    self.name = name
    self.shape = shape
    self.initialiser = initialiser
    self.isTrained = isTrained
  }

  /// The first values; they depend on the seed and the name alone.
  package func initial(seed: UInt64, path: String) -> Tensor {
    switch initialiser {
    case .constant(let value): return Tensor(repeating: value, shape: shape)
    case .normal(let deviation):
      var stream = RandomStream(seed: seed, keys: RandomStream.key("initial"), RandomStream.key(path))
      return stream.normal(shape, deviation: deviation)
    }
  }
}
