import Kernels
import Layers
import Tensors

extension NetworkDescription.Head {
  /// The head's layers over feature maps of `channels`, by their paths under `head`.
  ///
  /// With `regions`, heads with global pooling pool each region's grid; without, the whole map.
  func layers(on top: Top, channels: Int, classes: Int, regions: Bool) -> [LayerDescription] {
    let roiPool = LayerDescription("head.roi_pool", ROIPoolLayer(grid: top.grid))
    let grid = regions ? [roiPool] : []
    let average = LayerDescription("head.average", GlobalAveragePoolingLayer())
    let flattened = [roiPool, LayerDescription("head.flatten", FlattenLayer())]
    let classifier = LayerDescription.linear("head.\(top.classifier)", outputs: nil, standardDeviation: 0.01)
    let unit = l2Normalization ? [LayerDescription("head.unit", L2NormalizationLayer())] : []
    switch kind {
    case .none: return []
    case .gap, .gapCut: return grid + [average] + unit + [classifier]
    case .convolutionGAP:
      let drop = dropout > 0 ? [LayerDescription("head.drop", DropoutLayer(rate: Float(dropout)))] : []
      return grid + drop
        + [
          .convolution("head.\(top.classifier)", outputs: nil, kernel: 1, standardDeviation: 0.01),
          .relu("head.relu_\(top.classifier)"), average,
        ]
    case .dan: return grid + [LayerDescription("head.pool", AverageMaxPoolingLayer()), classifier]
    case .flatten: return flattened + unit + [classifier]
    case .fc, .fcRandom, .fcPermuted, .fcLinear: return flattened + hidden(top) + [classifier]
    case .gapMLP:
      let width = mlpWidth(on: top, channels: channels, classes: classes)
      let hidden = top.hiddenLayers(of: self).flatMap { layer in
        [.linear("head.\(layer.name)", outputs: width)] + after(layer)
      }
      return grid + [average] + hidden + [classifier]
    case .fcRank:
      let rank = rank ?? 1
      var inputs = top.grid.area * channels
      var hidden: [LayerDescription] = []
      for layer in top.hiddenLayers(of: self) {
        hidden.append(
          .linear("head.\(layer.name)_down", outputs: min(rank, inputs, layer.width), hasBias: false))
        hidden.append(.linear("head.\(layer.name)_up", outputs: layer.width))
        hidden += after(layer)
        inputs = layer.width
      }
      return flattened + hidden + [classifier]
    case .fcConvolution: return convolutions(on: top, channels: channels, grid: grid) + [average]
    }
  }

  /// The paths of the hidden layers in the source model.
  func hiddenPaths(on top: Top) -> [String] {
    kind.isFullyConnected ? top.hiddenLayers(of: self).map { "head.\($0.name)" } : []
  }

  private func hidden(_ top: Top) -> [LayerDescription] {
    top.hiddenLayers(of: self).flatMap { layer in
      [.linear("head.\(layer.name)", outputs: layer.width)] + after(layer)
    }
  }

  /// ReLU and dropout after a hidden layer; `fc-linear` has a ReLU only after its last one.
  private func after(_ layer: Top.HiddenLayer) -> [LayerDescription] {
    let relu: [LayerDescription] = kind == .fcLinear && !layer.isLast ? [] : [.relu("head.relu\(layer.number)")]
    return dropout > 0
      ? relu + [LayerDescription("head.drop\(layer.number)", DropoutLayer(rate: Float(dropout)))] : relu
  }

  private func convolutions(on top: Top, channels: Int, grid: [LayerDescription]) -> [LayerDescription] {
    var kernel = top.grid
    var inputs = channels
    var layers = grid.isEmpty ? top.pooling.map { [$0] } ?? [] : grid
    func convolution(_ name: String, _ outputs: Int?, standardDeviation: Float) -> LayerDescription {
      LayerDescription(
        "head.\(name)",
        ConvolutionLayer(outputs: outputs, kernel: kernel, standardDeviation: standardDeviation))
    }
    for layer in top.hiddenLayers(of: self) {
      layers.append(
        convolution(
          layer.name, layer.width, standardDeviation: LinearLayer.standardDeviation(inputs: kernel.area * inputs)))
      layers += after(layer)
      (kernel, inputs) = (Extent(height: 1, width: 1), layer.width)
    }
    return layers + [convolution(top.classifier, nil, standardDeviation: 0.01)]
  }

  /// The width w at which `depth` layers on `channels` features come nearest to the parameter count of the `fc` head.
  ///
  /// The count includes the classifier: channels·w + w + (depth − 1)·(w² + w) + w·classes + classes.
  private func mlpWidth(on top: Top, channels: Int, classes: Int) -> Int {
    func count(_ inputs: Int, _ widths: [Int]) -> Int {
      zip([inputs] + widths, widths + [classes]).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
    }
    let widths = top.hiddenLayers(of: self).map(\.width)
    let target = count(top.grid.area * channels, widths)
    func ofWidth(_ width: Int) -> Int { count(channels, widths.map { _ in width }) }
    var (low, high) = (1, 2)
    while ofWidth(high) < target { (low, high) = (high, 2 * high) }
    while high - low > 1 {
      let middle = (low + high) / 2
      if ofWidth(middle) < target { low = middle } else { high = middle }
    }
    return target - ofWidth(low) <= abs(ofWidth(high) - target) ? low : high
  }
}
