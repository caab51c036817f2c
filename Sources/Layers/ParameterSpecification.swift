package import Tensors

/// A parameter to be made: its name, shape and initial values.
package struct ParameterSpecification: Sendable, Equatable {
  /// How the initial values are drawn.
  package enum Initializer: Sendable, Equatable {
    case constant(Float)
    case normal(standardDeviation: Float)
  }

  package let name: String
  package let shape: [Int]
  package let initializer: Initializer
  /// False for running statistics, which no gradient trains.
  package let isTrained: Bool

  package init(_ name: String, _ shape: [Int], _ initializer: Initializer, isTrained: Bool = true) {
    self.name = name
    self.shape = shape
    self.initializer = initializer
    self.isTrained = isTrained
  }

  /// The same under the path of what it is part of.
  package func prefixed(by path: String) -> ParameterSpecification {
    ParameterSpecification("\(path).\(name)", shape, initializer, isTrained: isTrained)
  }

  /// The initial values; they depend on the seed and the path alone.
  package func initial(seed: UInt64, path: String) -> Tensor {
    switch initializer {
    case .constant(let value): return Tensor(repeating: value, shape: shape)
    case .normal(let standardDeviation):
      var stream = RandomStream(seed: seed, keys: RandomStream.key("initial"), RandomStream.key(path))
      return stream.normal(shape, standardDeviation: standardDeviation)
    }
  }
}
