package import Tensors

/// The name, shape and initialization of a parameter.
package struct ParameterSpecification: Sendable, Equatable {
  /// A weight initialization.
  package enum Initializer: Sendable, Equatable {
    /// Every element is this value.
    case constant(Float)
    /// Normal with mean 0.
    case normal(standardDeviation: Float)
  }

  /// Its path, or the last part of it until `prefixed(by:)`.
  package let name: String
  /// The extent of each dimension.
  package let shape: [Int]
  /// The weight initialization.
  package let initializer: Initializer
  /// Whether gradients train it; false for running statistics.
  package let isTrained: Bool

  /// A parameter; default: trained by gradients.
  package init(_ name: String, _ shape: [Int], _ initializer: Initializer, isTrained: Bool = true) {
    self.name = name
    self.shape = shape
    self.initializer = initializer
    self.isTrained = isTrained
  }

  /// The parameter with its name under `path`.
  package func prefixed(by path: String) -> ParameterSpecification {
    ParameterSpecification("\(path).\(name)", shape, initializer, isTrained: isTrained)
  }

  /// The initial values; they depend only on the seed and the path.
  package func initial(seed: UInt64, path: String) -> Tensor {
    switch initializer {
    case .constant(let value): return Tensor(repeating: value, shape: shape)
    case .normal(let standardDeviation):
      var stream = RandomStream(seed: seed, keys: RandomStream.key("initial"), RandomStream.key(path))
      return stream.normal(shape, standardDeviation: standardDeviation)
    }
  }
}
