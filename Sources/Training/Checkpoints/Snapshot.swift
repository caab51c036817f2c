internal import Kernels
package import Tensors

/// A copy of what a run trains, for a save in the background while the run continues.
///
/// What is frozen is not copied but shared: no step changes it. Running statistics are shared too; they are small, and are
/// copied when they change.
package struct Snapshot: Sendable {
  private let trained: Set<String>
  /// The network's parameters.
  package private(set) var parameters: Parameters
  /// The optimizer's tensors, all of which change with each step.
  package private(set) var optimizer: Parameters

  /// Memory for the parameters that are trained and the optimizer's tensors, its pages made.
  package init(
    _ shapes: [(name: String, shape: [Int])], optimizer: [(name: String, shape: [Int])], trained: Set<String>
  ) {
    self.trained = trained
    parameters = Parameters(
      shapes.map { ($0.name, Tensor(zeros: trained.contains($0.name) ? $0.shape : [0])) })
    self.optimizer = Parameters(optimizer.map { ($0.name, Tensor(zeros: $0.shape)) })
  }

  /// Copies a state.
  package mutating func take(_ parameters: Parameters, _ optimizer: Parameters) {
    copy(parameters, into: &self.parameters, where: trained.contains)
    copy(optimizer, into: &self.optimizer) { _ in true }
  }

  private func copy(_ source: Parameters, into target: inout Parameters, where changes: (String) -> Bool) {
    guard target.names == source.names else {
      // The optimizer has come to other tensors since the room was made.
      target = Parameters(
        source.map { name, tensor in
          guard changes(name) else { return (name, tensor) }
          var copy = Tensor(zeros: tensor.shape)
          Elementwise.copy(tensor, into: &copy)
          return (name, copy)
        })
      return
    }
    for (index, name) in source.names.enumerated() {
      if changes(name) {
        Elementwise.copy(source[index], into: &target[index])
      } else {
        target[index] = source[index]
      }
    }
  }
}

extension Parameters {
  /// Names and shapes in order, without the tensors.
  package var shapes: [(name: String, shape: [Int])] { map { ($0.name, $0.tensor.shape) } }
}
