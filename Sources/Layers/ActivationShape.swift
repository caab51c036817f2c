internal import Kernels
package import Tensors

/// The shape of an activation for one image or region.
package enum ActivationShape: Sendable, Equatable, CustomStringConvertible {
  /// Maps `[H, W, C]`; the extent is `nil` if it depends on the image.
  case maps(Extent?, channels: Int)
  /// A number of features.
  case features(Int)

  /// The channels of maps, or the number of features.
  package var channels: Int {
    switch self {
    case .maps(_, let channels): channels
    case .features(let features): features
    }
  }

  /// Elements per image or region; traps if the extent is unknown.
  package var count: Int {
    switch self {
    case .maps(let extent?, let channels): extent.area * channels
    case .maps(nil, channels: _): preconditionFailure("ActivationShape: the extent of \(self) is unknown")
    case .features(let features): features
    }
  }

  /// `H × W × C` or the number of features, for tables.
  package var description: String {
    switch self {
    case .maps(let extent?, let channels): "\(extent.height) × \(extent.width) × \(channels)"
    case .maps(nil, let channels): "maps of \(channels) channels"
    case .features(let features): "\(features)"
    }
  }

  /// The shape in error messages, such as `7 × 7 × 512` or `4096 features`.
  package var words: String {
    if case .features(let features) = self { "\(features) features" } else { description }
  }

  /// The same shape, checked against a limit.
  ///
  /// - Throws: `ShapeError` above 2⁴⁰ elements per image, more than any machine holds.
  package func limited(named name: String) throws(ShapeError) -> ActivationShape {
    let count =
      switch self {
      case .maps(let extent, let channels):
        Double(extent?.height ?? 1) * Double(extent?.width ?? 1) * Double(channels)
      case .features(let features): Double(features)
      }
    guard count <= Double(1 << 40) else {
      throw ShapeError(problem: "layer \(name) outputs \(self) per image, which is too large")
    }
    return self
  }
}
