package import Autodiff
package import Layers

/// The outputs of a network for one batch, by name.
package struct NetworkOutputs {
  /// The name of the default output of a task.
  package static let main = "main"

  private let activations: [(name: String, activation: Activation)]

  init(_ activations: [(name: String, activation: Activation)]) { self.activations = activations }

  /// The names of the outputs, in the network's order.
  package var names: [String] { activations.map(\.name) }

  /// The output of that name.
  package subscript(name: String) -> Activation? { activations.first { $0.name == name }?.activation }

  /// The output named `main`, or the only one; traps if there are several and none is `main`.
  package var main: Activation {
    guard let main = self[Self.main] ?? (activations.count == 1 ? activations[0].activation : nil) else {
      preconditionFailure("NetworkOutputs: none of \(names) is named \(Self.main)")
    }
    return main
  }

  /// The logits of `main`, `[images or regions, classes]`; traps on maps.
  package var logits: Variable {
    guard case .features(let logits) = main else {
      preconditionFailure("NetworkOutputs: main is maps, expected logits")
    }
    return logits
  }
}
