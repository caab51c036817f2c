internal import Kernels
internal import Tensors

/// A copy of what a run trains, for a save to work on; its memory is used again, so that its pages are made but once.
struct Snapshot: Sendable {
  private(set) var parameters: Parameters
  private(set) var velocities: Parameters
  private var best: Parameters

  /// Memory for parameters, and for velocities of those that are trained.
  init(_ shapes: [(name: String, shape: [Int])], trained: Set<String>) {
    func zeros(_ shapes: [(name: String, shape: [Int])]) -> Parameters {
      Parameters(shapes.map { ($0.name, Tensor(zeros: $0.shape)) })
    }
    parameters = zeros(shapes)
    velocities = zeros(shapes.filter { trained.contains($0.name) })
    best = zeros(shapes)
  }

  /// Copies a state; in place once nobody else holds the copy before.
  mutating func take(_ parameters: Parameters, _ velocities: Parameters) {
    Self.copy(parameters, into: &self.parameters)
    Self.copy(velocities, into: &self.velocities)
  }

  /// A copy of an epoch's weights, apart from that of the state.
  mutating func takeBest(_ parameters: Parameters) -> Parameters {
    Self.copy(parameters, into: &best)
    return best
  }

  private static func copy(_ source: Parameters, into target: inout Parameters) {
    guard target.names == source.names else {
      target = source
      return
    }
    for index in 0..<source.count { Elementwise.copy(source[index], into: &target[index]) }
  }
}
