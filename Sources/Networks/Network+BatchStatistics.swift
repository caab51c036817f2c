package import Layers
internal import Tensors

extension Network {
  /// A layer that normalizes by the mean and variance of the batch.
  package struct BatchStatistics: Sendable, Equatable {
    /// Its path, such as `features.layer1_0.layer1_0_norm1`.
    package let path: String
    /// The shape of its input for one image or region.
    package let input: ActivationShape
    /// Whether it has one input per region, not one per image.
    package let isPerRegion: Bool

    /// Whether one image or region gives it a single value per channel, which has no variance.
    package var hasSingleValue: Bool {
      switch input {
      case .maps(let extent, channels: _): extent?.area == 1
      case .features: true
      }
    }
  }

  /// The layers that normalize by statistics of the batch in training, in order, with their inputs for one image.
  ///
  /// - Parameter trained: the names of the trained parameters; a layer without any uses its running statistics.
  /// - Throws: `ShapeError` as `shapes`.
  package func batchStatistics(
    of input: ActivationShape, trained: Set<String>
  ) throws(ShapeError) -> [BatchStatistics] {
    var found: [BatchStatistics] = []
    func visit(
      _ layer: any Layers.Layer, at path: String, _ input: ActivationShape, isPerRegion: Bool
    ) throws(ShapeError) {
      if layer.usesBatchStatistics, trained.contains(where: { $0.hasPrefix(path + ".") }) {
        found.append(BatchStatistics(path: path, input: input, isPerRegion: isPerRegion))
      }
      for chain in layer.chains {
        let inputs = [input] + (try chain.outputShapes(of: input, under: path))
        for (inner, input) in zip(chain, inputs) {
          try visit(inner.layer, at: "\(path).\(inner.name)", input, isPerRegion: isPerRegion)
        }
      }
    }
    for (index, shape) in try shapes(of: input).enumerated() {
      let before = layers(before: index)
      try visit(
        layers[index].layer, at: layers[index].path, shape.input,
        isPerRegion: before.contains { layers[$0].layer.poolsRegions })
    }
    return found
  }

  /// The layers that the input of one comes through.
  private func layers(before index: Int) -> [Int] {
    guard let output = outputs.first(where: { $0.range.contains(index) }) else { return Array(0..<index) }
    let own = Array(output.range.lowerBound..<index)
    return (output.start.map { layers(before: $0) + [$0] } ?? Array(trunk)) + own
  }
}
