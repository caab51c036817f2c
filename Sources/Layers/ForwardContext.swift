package import Autodiff
package import Kernels

/// What a layer needs besides its input: the tape, its own path, and the batch's regions.
package struct ForwardContext {
  package let tape: Tape
  /// The layer's path; empty for the network itself.
  package let path: String
  package let regions: [Region]
  /// Whether the layer is to apply the ReLU after it as well; only one that `fusesReLU` is asked to.
  package let fusesReLU: Bool

  package init(tape: Tape, path: String = "", regions: [Region], fusesReLU: Bool = false) {
    (self.tape, self.path, self.regions, self.fusesReLU) = (tape, path, regions, fusesReLU)
  }

  /// The layer's parameter of that name.
  package func parameter(_ name: String) -> ParameterReference { tape.parameter("\(path).\(name)") }

  /// The context of a layer within.
  func entering(_ name: String, fusesReLU: Bool = false) -> ForwardContext {
    ForwardContext(
      tape: tape, path: path.isEmpty ? name : "\(path).\(name)", regions: regions, fusesReLU: fusesReLU)
  }
}
