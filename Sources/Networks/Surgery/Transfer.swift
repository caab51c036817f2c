import Kernels
package import Layers
package import Tensors

/// How a network takes its initial weights from its source model's: what is read, what stays new, what is changed.
package struct Transfer: Sendable {
  /// The network whose weights are read: its own, or what the head's surgery begins with.
  package let source: Network
  /// Paths of layers of the source model that are not taken: the network's own stay as initialized.
  package let new: [String]
  /// Changes of what was taken, in their order.
  package let surgeries: [Surgery]

  /// The parameters that the source model has, in names and shapes.
  package var wanted: [ParameterSpecification] { source.parameters }

  /// Patterns that fit the parameters of new layers.
  package var patterns: [String] { new.map { "\($0).*" } }

  /// The source model's parameters as the network's own, without those that stay new.
  ///
  /// - Returns: the parameters, and in words what surgery did.
  package func parameters(from source: Parameters) -> (parameters: Parameters, notes: [String]) {
    var taken = Parameters()
    for specification in wanted where !new.contains(where: { specification.name.hasPrefix("\($0).") }) {
      taken[specification.name] = source[specification.name]
    }
    let notes = surgeries.compactMap { $0.apply(to: &taken) }
    return (taken, notes)
  }
}

extension NetworkDescription {
  /// How the network begins with its source model's weights; the classifier and named outputs are always new.
  ///
  /// - Parameter seed: of the run, for heads that draw.
  /// - Throws: `ShapeError` as `network`.
  package func transfer(
    channels: Int, classes: Int, regions: Bool = false, seed: UInt64
  ) throws(ShapeError) -> Transfer {
    let network = try network(channels: channels, classes: classes, regions: regions)
    let classifiers = network.newPaths
    guard let head else { return Transfer(source: network, new: classifiers, surgeries: []) }
    let top = try parts(channels: channels, classes: classes).top
    let hidden = head.hiddenPaths(on: top)
    switch head.kind {
    case .fc, .gap, .gapCut, .fcLinear, .flatten, .dan, .none:
      return Transfer(source: network, new: classifiers, surgeries: [])
    case .fcRandom, .gapMLP:
      return Transfer(source: network, new: hidden + classifiers, surgeries: [])
    case .fcPermuted, .fcRank, .fcConvolution:
      var description = self
      description.head?.kind = head.kind.source
      let source = try description.network(channels: channels, classes: classes, regions: regions)
      let surgeries: [Surgery] = hidden.enumerated().compactMap { index, layer in
        switch head.kind {
        case .fcPermuted: index == 0 ? .permutation(of: layer, seed: seed) : nil
        case .fcRank: .truncation(of: layer, rank: head.rank ?? 1)
        default: .convolution(of: layer, kernel: index == 0 ? top.grid : .init(height: 1, width: 1))
        }
      }
      return Transfer(source: source, new: classifiers, surgeries: surgeries)
    }
  }

  /// The network again with everything of the weights taken as it is, its classifier too.
  ///
  /// - Throws: `ShapeError` as `network`.
  package func continuation(channels: Int, classes: Int, regions: Bool = false) throws(ShapeError) -> Transfer {
    Transfer(
      source: try network(channels: channels, classes: classes, regions: regions), new: [], surgeries: [])
  }
}

extension Network {
  /// Paths of the layers that no source model has: the classifier, and all of the outputs beside `main`.
  fileprivate var newPaths: [String] {
    let main = self.main
    let others = outputs.filter { $0 != main }.flatMap { layers[$0.range] }
    let classifier = classifierIndex.map { [layers[$0]] } ?? []
    return (classifier + others.filter { !$0.parameters.isEmpty }).map(\.path)
  }
}
