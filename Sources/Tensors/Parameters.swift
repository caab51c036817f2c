import OrderedCollections

/// Named tensors in a stable order: weights, optimizer state, the tensors of a checkpoint.
///
/// Names are paths such as `features.conv1_1.weight` or `head.fc6.bias`.
package struct Parameters: Sendable, Equatable {
  private var tensors: OrderedDictionary<String, Tensor> = [:]

  /// No tensors.
  package init() {}

  /// The tensors of these names; a later one replaces an earlier one of its name.
  package init(_ pairs: some Sequence<(String, Tensor)>) {
    for (name, tensor) in pairs { self[name] = tensor }
  }

  /// The names in order of insertion.
  package var names: [String] { Array(tensors.keys) }
  /// The number of tensors.
  package var count: Int { tensors.count }
  /// Whether there are no tensors.
  package var isEmpty: Bool { tensors.isEmpty }

  /// The number of elements in all tensors.
  package var elementCount: Int { tensors.values.reduce(0) { $0 + $1.count } }

  /// The tensor of that name; setting replaces it or appends a new name, `nil` removes it.
  package subscript(name: String) -> Tensor? {
    get { tensors[name] }
    _modify { yield &tensors[name] }
  }

  /// The index of a name, stable until a tensor is removed.
  package func index(of name: String) -> Int? { tensors.index(forKey: name) }

  /// The name at an index.
  package func name(at index: Int) -> String { tensors.keys[index] }

  /// The tensor at an index; changing it in place copies nothing.
  package subscript(index: Int) -> Tensor {
    get { tensors.values[index] }
    _modify { yield &tensors.values[index] }
  }
}

extension Parameters: Sequence {
  /// Iterates over names and tensors, in order.
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
