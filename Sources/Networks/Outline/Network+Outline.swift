internal import Layers

extension Network {
  /// Its layers by their paths, and what lies between them.
  package var outline: NetworkOutline {
    var outline = NetworkOutline()
    func add(_ range: Range<Int>, after start: Int) -> Int {
      outline.add(layers[range].map(\.description), under: "", after: start)
    }
    let trunk = add(trunk, after: NetworkOutline.images)
    for output in outputs where output.range != self.trunk { _ = add(output.range, after: trunk) }
    outline.preparation = preparation
    return outline
  }
}

extension NetworkOutline {
  /// Adds a chain of layers; returns the number of its last step.
  fileprivate mutating func add(_ layers: [LayerDescription], under path: String, after start: Int) -> Int {
    var last = start
    for description in layers {
      let name = path + description.name
      if let operation = description.layer.outlined(as: name) {
        last = add(operation, after: [last])
      } else if !description.layer.chains.isEmpty {
        let start = last
        var ends: [Int] = []
        for chain in description.layer.chains { ends.append(add(chain, under: name + ".", after: start)) }
        last = add(.other, after: ends)
      }
    }
    return last
  }
}

extension Layer {
  /// What it is in an outline; nil for one that only passes values on, and for one of chains.
  fileprivate func outlined(as name: String) -> NetworkOutline.Operation? {
    switch self {
    case let layer as BatchNormalizationLayer: .layer(name, epsilon: layer.epsilon)
    case is ConvolutionLayer, is LinearLayer: .layer(name)
    case let layer as ReLULayer: .relu(hasLimit: layer.maximum != nil)
    case let layer as MaxPoolingLayer: .pooling(isMax: true, size: [layer.size], stride: [layer.stride])
    case let layer as AveragePoolingLayer: .pooling(isMax: false, size: [layer.size], stride: [layer.stride])
    case is GlobalAveragePoolingLayer: .globalPooling(isMax: false)
    case is AverageMaxPoolingLayer: .operation("average and max pooling")
    case is ROIPoolLayer: .operation("pooling of regions")
    case is LocalResponseNormalizationLayer: .responseNormalization
    default: nil
    }
  }
}
