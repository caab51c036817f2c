internal import Kernels
package import Tensors

/// A copy of what a run trains, for a save to work on while the run goes on.
///
/// What is frozen is not copied but shared: no step changes it. Running statistics are shared too; they are small, and are
/// copied when they change.
package struct Snapshot: Sendable {
  private let trained: Set<String>
  package private(set) var parameters: Parameters
  package private(set) var velocities: Parameters

  /// Room for the parameters that are trained and their velocities, its pages made.
  package init(_ shapes: [(name: String, shape: [Int])], trained: Set<String>) {
    self.trained = trained
    func zeros(_ shapes: [(name: String, shape: [Int])]) -> Parameters {
      Parameters(shapes.map { ($0.name, Tensor(zeros: trained.contains($0.name) ? $0.shape : [0])) })
    }
    parameters = zeros(shapes)
    velocities = zeros(shapes.filter { trained.contains($0.name) })
  }

  /// Copies a state.
  package mutating func take(_ parameters: Parameters, _ velocities: Parameters) {
    copy(parameters, into: &self.parameters)
    copy(velocities, into: &self.velocities)
  }

  private func copy(_ source: Parameters, into target: inout Parameters) {
    guard target.names == source.names else {
      target = source
      return
    }
    for (index, name) in source.names.enumerated() {
      if trained.contains(name) {
        Elementwise.copy(source[index], into: &target[index])
      } else {
        target[index] = source[index]
      }
    }
  }
}
