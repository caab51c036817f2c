internal import Kernels
internal import Tensors

/// A copy of what a run trains, for a save to work on; its memory is used again, so that its pages are made but once.
///
/// What is frozen is not copied but shared: no step changes it. Running statistics are shared too; they are small, and are
/// copied when they change.
struct Snapshot: Sendable {
  private let trained: Set<String>
  private(set) var parameters: Parameters
  private(set) var velocities: Parameters
  private var best: Parameters

  /// Memory for the parameters that are trained and their velocities, and none for the others.
  init(_ shapes: [(name: String, shape: [Int])], trained: Set<String>) {
    self.trained = trained
    func zeros(_ shapes: [(name: String, shape: [Int])]) -> Parameters {
      Parameters(shapes.map { ($0.name, Tensor(zeros: trained.contains($0.name) ? $0.shape : [0])) })
    }
    parameters = zeros(shapes)
    velocities = zeros(shapes.filter { trained.contains($0.name) })
    best = zeros(shapes)
  }

  /// Copies a state; in place once nobody else holds the copy before.
  mutating func take(_ parameters: Parameters, _ velocities: Parameters) {
    copy(parameters, into: &self.parameters)
    copy(velocities, into: &self.velocities)
  }

  /// A copy of an epoch's weights, apart from that of the state.
  mutating func takeBest(_ parameters: Parameters) -> Parameters {
    copy(parameters, into: &best)
    return best
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
