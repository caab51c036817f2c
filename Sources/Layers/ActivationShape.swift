internal import Kernels
package import Tensors

/// The shape of an activation for one image or region.
package enum ActivationShape: Sendable, Equatable, CustomStringConvertible {
  /// Maps; their extent is `nil` where it depends on the image.
  case maps(Extent?, channels: Int)
  case features(Int)

  /// Channels of maps, or the number of features.
  package var channels: Int {
    switch self {
    case .maps(_, let channels): channels
    case .features(let features): features
    }
  }

  /// Elements of one map or of one image's features; traps where the extent is not known.
  package var count: Int {
    switch self {
    case .maps(let extent?, let channels): extent.cells * channels
    case .maps(nil, channels: _): preconditionFailure("ActivationShape: the extent of \(self) is not known")
    case .features(let features): features
    }
  }

  package var description: String {
    switch self {
    case .maps(let extent?, let channels): "\(extent.height) × \(extent.width) × \(channels)"
    case .maps(nil, let channels): "maps of \(channels) channels"
    case .features(let features): "\(features)"
    }
  }

  /// The shape as messages name it.
  package var words: String {
    if case .features(let features) = self { "\(features) features" } else { description }
  }

  /// The same shape.
  ///
  /// - Throws: `ShapeError` where a layer makes more of one image than any machine holds.
  package func limited(named name: String) throws(ShapeError) -> ActivationShape {
    let count =
      switch self {
      case .maps(let extent, let channels):
        Double(extent?.height ?? 1) * Double(extent?.width ?? 1) * Double(channels)
      case .features(let features): Double(features)
      }
    guard count <= Double(1 << 40) else {
      throw ShapeError(problem: "layer \(name) makes \(self) of an image, which is too large")
    }
    return self
  }
}
