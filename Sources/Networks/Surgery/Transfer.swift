import Kernels
package import Layers
package import Tensors

/// How a network is initialized from a source model: which layers are loaded, reinitialized and converted.
package struct Transfer: Sendable {
  /// The network whose weights are loaded: this one, or the one before the head's surgery.
  package let source: Network
  /// The paths of the layers that are not loaded: they keep their weight initialization.
  package let new: [String]
  /// The conversions of the loaded weights, in order.
  package let surgeries: [Surgery]

  /// The names and shapes of the source model's parameters.
  package var wanted: [ParameterSpecification] { source.parameters }

  /// Name patterns of the parameters of new layers.
  package var patterns: [String] { new.map { "\($0).*" } }

  /// The source model's parameters, converted to the network's, without those of new layers.
  ///
  /// - Returns: the parameters, and a note on each conversion.
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
  /// The initialization from the source model; the classifier and named outputs are always new.
  ///
  /// - Parameter seed: the run's seed, for heads with a random permutation.
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
    case .fc, .gap, .gapCut, .fcLinear, .flatten, .dan, .convolutionGAP, .none:
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

  /// The initialization from weights of the same network, its classifier included.
  ///
  /// - Throws: `ShapeError` as `network`.
  package func continuation(channels: Int, classes: Int, regions: Bool = false) throws(ShapeError) -> Transfer {
    Transfer(
      source: try network(channels: channels, classes: classes, regions: regions), new: [], surgeries: [])
  }
}

extension Network {
  /// The paths of the layers that no source model has: the classifier, and those of outputs other than `main`.
  fileprivate var newPaths: [String] {
    let main = self.main
    let others = outputs.filter { $0 != main }.flatMap { layers[$0.range] }
    let classifier = classifierIndex.map { [layers[$0]] } ?? []
    return (classifier + others.filter { !$0.parameters.isEmpty }).map(\.path)
  }
}
