package import Kernels

/// A layer as data: its path, what it does, and the sizes that do not follow from what comes before it.
package struct LayerDescription: Sendable, Equatable {
  /// What a layer does to maps or rows.
  package indirect enum Operation: Sendable, Equatable {
    /// `outputs` of `nil` is the number of classes; weight `[height, width, in, outputs]`.
    case convolution(outputs: Int?, kernel: Extent, stride: Int, padding: Int, hasBias: Bool, deviation: Float?)
    case batchNormalisation(epsilon: Float, momentum: Float)
    case relu
    case maximumPooling(size: Int, stride: Int, padding: Int)
    case averagePooling(size: Int, stride: Int)
    case roiPool(grid: Extent)
    case globalAveragePooling
    /// Average and maximum of each map, each of L2 length 1, joined.
    case averageMaximumPooling
    case flatten
    /// Rows scaled to L2 length 1.
    case unitLength
    /// `outputs` of `nil` is the number of classes; weight `[in, outputs]`.
    case linear(outputs: Int?, hasBias: Bool, deviation: Float?)
    case dropout(rate: Float)
    /// The sum of two chains; an empty shortcut is the input itself.
    case residual(layers: [LayerDescription], shortcut: [LayerDescription])
  }

  /// Its path, such as `features.conv1_1`; the last part names it in weight files.
  package var name: String
  package var operation: Operation

  package init(_ name: String, _ operation: Operation) { (self.name, self.operation) = (name, operation) }

  /// A convolution with a square kernel.
  package static func convolution(
    _ name: String, outputs: Int?, kernel: Int, stride: Int = 1, padding: Int = 0, hasBias: Bool = true,
    deviation: Float? = nil
  ) -> LayerDescription {
    LayerDescription(
      name,
      .convolution(
        outputs: outputs, kernel: Extent(height: kernel, width: kernel), stride: stride, padding: padding,
        hasBias: hasBias, deviation: deviation))
  }

  /// Batch normalisation with torch's numbers.
  package static func normalisation(_ name: String) -> LayerDescription {
    LayerDescription(name, .batchNormalisation(epsilon: 1e-5, momentum: 0.1))
  }

  /// Maximum pooling that halves a map.
  package static func halving(_ name: String) -> LayerDescription {
    LayerDescription(name, .maximumPooling(size: 2, stride: 2, padding: 0))
  }

  /// A fully connected layer.
  package static func linear(
    _ name: String, outputs: Int?, hasBias: Bool = true, deviation: Float? = nil
  ) -> LayerDescription {
    LayerDescription(name, .linear(outputs: outputs, hasBias: hasBias, deviation: deviation))
  }

  /// The last part of the path.
  package var lastName: String { name.split(separator: ".").last.map(String.init) ?? name }
}

extension LayerDescription {
  /// Whether one map a region comes out.
  var isROIPool: Bool { if case .roiPool = operation { true } else { false } }

  /// Whether maps come out of maps, so that it can be part of a backbone.
  var isSpatial: Bool {
    switch operation {
    case .convolution, .batchNormalisation, .relu, .maximumPooling, .averagePooling, .dropout, .residual: true
    case .roiPool, .globalAveragePooling, .averageMaximumPooling, .flatten, .unitLength, .linear: false
    }
  }
}
