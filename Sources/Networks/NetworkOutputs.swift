package import Autodiff
package import Layers

/// What a network makes of a batch: an activation for each of its outputs.
package struct NetworkOutputs {
  /// The name of the output that a task reads unless it asks for another.
  package static let main = "main"

  private let activations: [(name: String, activation: Activation)]

  init(_ activations: [(name: String, activation: Activation)]) { self.activations = activations }

  /// The outputs' names, in the network's order.
  package var names: [String] { activations.map(\.name) }

  /// The output of that name.
  package subscript(name: String) -> Activation? { activations.first { $0.name == name }?.activation }

  /// The output named `main`, or the only one; traps where there are others alone.
  package var main: Activation {
    guard let main = self[Self.main] ?? (activations.count == 1 ? activations[0].activation : nil) else {
      preconditionFailure("NetworkOutputs: none of \(names) is named \(Self.main)")
    }
    return main
  }

  /// The class scores of `main`, `[images or regions, classes]`; traps on maps.
  package var logits: Variable {
    guard case .features(let logits) = main else {
      preconditionFailure("NetworkOutputs: main is maps, expected logits")
    }
    return logits
  }
}
