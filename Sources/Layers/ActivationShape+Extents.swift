internal import Tensors

extension ActivationShape {
  /// `[H, W, C]` of a map, or `[features]`; traps where the extent is not known.
  package var extents: [Int] {
    switch self {
    case .maps(let extent?, let channels): [extent.height, extent.width, channels]
    case .maps(nil, channels: _): preconditionFailure("ActivationShape: the extent of \(self) is not known")
    case .features(let features): [features]
    }
  }
}
