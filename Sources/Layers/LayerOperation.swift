/// What a layer does besides arranging values, in the words by which networks of several programs are compared.
package enum LayerOperation: Sendable, Equatable {
  /// It applies tensors of its own; of a batch normalization, its ε; of a convolution, how its window moves.
  case weights(epsilon: Float? = nil, window: ConvolutionWindow? = nil)
  /// Anything without tensors, in words.
  case named(String)
  /// It joins the ends of its chains, in words; the order of some joins matters.
  case joined(String, isOrdered: Bool)

  /// The sum of its chains.
  package static let sum = LayerOperation.joined("sum", isOrdered: false)
  /// Its chains one after another.
  package static let concatenation = LayerOperation.joined("concatenation", isOrdered: true)

  /// Pooling over windows of a size with a stride, one number or one for each side.
  package static func pooling(isMax: Bool, size: [Int], stride: [Int]) -> LayerOperation {
    func text(_ sides: [Int]) -> String { Set(sides).map { "\($0)" }.sorted().joined(separator: " × ") }
    return .named("\(isMax ? "max" : "average") pooling \(text(size)) / \(text(stride))")
  }

  /// The mean or the maximum of each map.
  package static func globalPooling(isMax: Bool) -> LayerOperation {
    .named("global \(isMax ? "max" : "average") pooling")
  }

  /// A rectified linear unit, whose limit is not compared.
  package static func relu(hasLimit: Bool = false) -> LayerOperation {
    .named(hasLimit ? "relu up to a limit" : "relu")
  }

  /// Local response normalization.
  package static let responseNormalization = LayerOperation.named("local response normalization")
}
