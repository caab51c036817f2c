package import Autodiff
package import Kernels

/// What a layer's forward pass needs besides its input: the tape, the layer's path and the batch's regions.
package struct ForwardContext {
  /// The tape that records the forward pass.
  package let tape: Tape
  /// The layer's path; empty for the network itself.
  package let path: String
  /// The regions of the batch, for layers that pool regions.
  package let regions: [Region]
  /// Whether the layer applies the ReLU that follows it; set only for a layer that `fusesReLU`.
  package let fusesReLU: Bool

  /// The context of a network; default: the empty path.
  package init(tape: Tape, path: String = "", regions: [Region], fusesReLU: Bool = false) {
    (self.tape, self.path, self.regions, self.fusesReLU) = (tape, path, regions, fusesReLU)
  }

  /// The layer's parameter of that name.
  package func parameter(_ name: String) -> ParameterReference { tape.parameter("\(path).\(name)") }

  /// The context of a layer inside this one.
  func entering(_ name: String, fusesReLU: Bool = false) -> ForwardContext {
    ForwardContext(
      tape: tape, path: path.isEmpty ? name : "\(path).\(name)", regions: regions, fusesReLU: fusesReLU)
  }
}
