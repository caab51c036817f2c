package import Layers

/// What a network does besides multiplying by its weights, as far as networks are compared: activations, pooling,
/// preparation of images, epsilons of normalizations, and which layer follows which.
package struct NetworkOutline: Sendable {
  /// What a step does.
  package enum Operation: Sendable, Equatable {
    /// A layer with tensors, by its name; of a batch normalization, its ε; of a convolution, how its window moves.
    case layer(String, epsilon: Float? = nil, window: ConvolutionWindow? = nil)
    /// An operation that is compared, in words.
    case operation(String)
    /// Several values become one, in words; the order of some joins matters.
    case join(String, isOrdered: Bool = false)
    /// Anything else, such as a flattening.
    case other
  }

  /// A compared operation between layers.
  package struct Place: Sendable, Equatable {
    /// The operation, in words.
    package let what: String
    /// The layers whose outputs it gets, through other operations; "" stands for images.
    package let sources: Set<String>
    /// The layers that get its output, through other operations.
    package let targets: Set<String>
    /// Of a join, the layers of each value, in order where it matters; empty for other operations.
    package let parts: [Set<String>]
    /// Whether the order of the parts matters.
    package let isOrdered: Bool
  }

  private struct Step {
    let operation: Operation
    let inputs: [Int]
    /// The layers before it.
    let sources: Set<String>
    /// Itself for a layer, else the layers before it.
    var outputs: Set<String> { if case .layer(let name, _, _) = operation { [name] } else { sources } }
  }

  /// The number that stands for images in place of a step.
  package static let images = -1

  private var steps: [Step] = []
  /// What prepares the images before the network, as the file of the network says.
  package var preparation: [String] = []

  /// A network without steps.
  package init() {}

  /// Adds a step after others, by their numbers, and returns its number.
  package mutating func add(_ operation: Operation, after inputs: [Int]) -> Int {
    let sources = inputs.reduce(into: Set<String>()) { set, input in
      set.formUnion(input < 0 ? [""] : steps[input].outputs)
    }
    steps.append(Step(operation: operation, inputs: inputs, sources: sources))
    return steps.count - 1
  }

  /// Whether each layer gets the output of one other, and no two that of the same.
  package var isChain: Bool {
    var seen: Set<String> = []
    for step in steps {
      guard case .layer = step.operation, let source = step.sources.first else { continue }
      guard step.sources.count == 1, seen.insert(source).inserted else { return false }
    }
    return true
  }

  /// The ε of each batch normalization.
  package var epsilons: [String: Float] {
    var epsilons: [String: Float] = [:]
    for step in steps { if case .layer(let name, let epsilon?, _) = step.operation { epsilons[name] = epsilon } }
    return epsilons
  }

  /// Where the windows of convolutions move otherwise than in another network: its words for that, and the other's.
  ///
  /// - Parameter names: the other's names of layers by those here.
  package func windowDifferences(
    from other: NetworkOutline, names: [String: String]
  ) -> [(name: String, here: String, there: String)] {
    let others = other.windows
    return windows.compactMap { name, here in
      guard let there = names[name].flatMap({ others[$0] }), here != there else { return nil }
      return (name, here.words(besides: there), there.words(besides: here))
    }
  }

  private var windows: [String: ConvolutionWindow] {
    var windows: [String: ConvolutionWindow] = [:]
    for step in steps { if case .layer(let name, _, let window?) = step.operation { windows[name] = window } }
    return windows
  }

  /// The same with some batch normalizations as operations between other layers.
  package func withoutNormalizations(_ isOperation: (String) -> Bool) -> NetworkOutline {
    var result = NetworkOutline()
    result.preparation = preparation
    for step in steps {
      var operation = step.operation
      if case .layer(let name, _?, _) = operation, isOperation(name) { operation = .operation("batch normalization") }
      _ = result.add(operation, after: step.inputs)
    }
    return result
  }

  /// All compared operations, in order.
  package var places: [Place] {
    var targets = [Set<String>](repeating: [], count: steps.count)
    for (index, step) in steps.enumerated().reversed() {
      let own: Set<String> = if case .layer(let name, _, _) = step.operation { [name] } else { targets[index] }
      for input in step.inputs where input >= 0 { targets[input].formUnion(own) }
    }
    return zip(steps, targets).compactMap { step, targets in
      switch step.operation {
      case .operation(let what):
        return Place(what: what, sources: step.sources, targets: targets, parts: [], isOrdered: false)
      case .join(let what, let isOrdered):
        let parts = step.inputs.map { $0 < 0 ? [""] : steps[$0].outputs }
        return Place(what: what, sources: step.sources, targets: targets, parts: parts, isOrdered: isOrdered)
      case .layer, .other: return nil
      }
    }
  }
}

/// The words are those of layers, for every program's network.
extension NetworkOutline.Operation {
  /// What a layer of a name does.
  init(_ operation: LayerOperation, of layer: String = "") {
    switch operation {
    case .weights(let epsilon, let window): self = .layer(layer, epsilon: epsilon, window: window)
    case .named(let words): self = .operation(words)
    case .joined(let words, let isOrdered): self = .join(words, isOrdered: isOrdered)
    }
  }

  /// Pooling over windows of a size with a stride, one number or one for each side.
  package static func pooling(isMax: Bool, size: [Int], stride: [Int]) -> NetworkOutline.Operation {
    .init(.pooling(isMax: isMax, size: size, stride: stride))
  }

  /// A convolution of a name, whose window moves by one number or one for each side; none is 1.
  package static func convolution(_ name: String, stride: [Int], dilation: [Int]) -> NetworkOutline.Operation {
    .layer(name, window: ConvolutionWindow(stride: stride, dilation: dilation))
  }

  /// The mean or the maximum of each map.
  package static func globalPooling(isMax: Bool) -> NetworkOutline.Operation { .init(.globalPooling(isMax: isMax)) }

  /// A sum of several values.
  package static let sum = NetworkOutline.Operation(.sum)
  /// Several values one after another.
  package static let concatenation = NetworkOutline.Operation(.concatenation)

  /// A rectified linear unit, whose limit is not compared.
  package static func relu(hasLimit: Bool = false) -> NetworkOutline.Operation { .init(.relu(hasLimit: hasLimit)) }

  /// Local response normalization.
  package static let responseNormalization = NetworkOutline.Operation(.responseNormalization)
}
