internal import Kernels
internal import Layers
internal import Networks
package import Training

/// Sizes of a network on the data that it is fed.
package struct NetworkCost: Sendable, Equatable {
  /// The number of weights and biases.
  package var parameters: Int
  /// The same of the whole network, with the frozen backbone where it is fed that one's feature maps.
  package var deployedParameters: Int
  /// Multiply–accumulates of an image forward.
  package var multiplyAccumulates: Int
}

/// The sizes of a plan's networks, each worked out once.
package struct NetworkCosts: Sendable {
  private var costs: [String: NetworkCost] = [:]

  /// Works out the networks of source models and cells.
  package init(of plan: StudyPlan) {
    let outlines = plan.outlines
    for configuration in plan.sources.map(\.configuration) + plan.cells.map(\.base) {
      let key = Self.key(configuration)
      guard costs[key] == nil, let outline = outlines[configuration.data.path] else { continue }
      costs[key] = Self.cost(of: configuration, on: outline)
    }
  }

  /// The sizes of the network of a run; nil if its data cannot be read.
  package subscript(configuration: Configuration) -> NetworkCost? { costs[Self.key(configuration)] }

  private static func key(_ configuration: Configuration) -> String {
    "\(configuration.network) \(configuration.data.path)"
  }

  private static func cost(of configuration: Configuration, on outline: DatasetOutline) -> NetworkCost? {
    guard
      case let input = outline.input(of: configuration), case .maps(_, let channels) = input,
      let network = try? outline.description(of: configuration).network(
        channels: channels, classes: outline.outputs(of: configuration), regions: configuration.taskKind == .detection),
      let summary = try? NetworkSummary(network, input: input)
    else { return nil }
    var deployed = summary.parameters
    if let colors = outline.imageChannels {
      let whole = try? configuration.network.network(channels: colors, classes: outline.classes)
      deployed = whole?.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) } ?? deployed
    }
    return NetworkCost(
      parameters: summary.parameters, deployedParameters: deployed, multiplyAccumulates: summary.multiplyAccumulates)
  }
}
