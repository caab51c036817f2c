import OrderedCollections

/// Named tensors in a stable order: weights, gradients, velocities and checkpoints are all of this kind.
///
/// Names are paths such as `features.conv1_1.weight` or `head.fc6.bias`.
package struct Parameters: Sendable, Equatable {
  private var tensors: OrderedDictionary<String, Tensor> = [:]

  package init() {}

  package init(_ pairs: some Sequence<(String, Tensor)>) {
    for (name, tensor) in pairs { self[name] = tensor }
  }

  /// The names in order of insertion.
  package var names: [String] { Array(tensors.keys) }
  package var count: Int { tensors.count }
  package var isEmpty: Bool { tensors.isEmpty }

  /// The number of elements of all tensors together.
  package var elementCount: Int { tensors.values.reduce(0) { $0 + $1.count } }

  /// The tensor of that name; setting appends a new name or replaces, `nil` removes.
  package subscript(name: String) -> Tensor? {
    get { tensors[name] }
    _modify { yield &tensors[name] }
  }

  /// The position of a name, stable until a tensor is removed.
  package func index(of name: String) -> Int? { tensors.index(forKey: name) }

  /// The name at a position.
  package func name(at index: Int) -> String { tensors.keys[index] }

  /// The tensor at a position; changing it in place copies nothing.
  package subscript(index: Int) -> Tensor {
    get { tensors.values[index] }
    _modify { yield &tensors.values[index] }
  }
}

extension Parameters: Sequence {
  package func makeIterator() -> AnyIterator<(name: String, tensor: Tensor)> {
    var position = 0
    let tensors = tensors
    return AnyIterator {
      guard position < tensors.count else { return nil }
      defer { position += 1 }
      let element = tensors.elements[position]
      return (element.key, element.value)
    }
  }
}
