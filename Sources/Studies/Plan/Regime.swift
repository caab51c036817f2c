internal import Layers
internal import Training

/// What of a pretrained network is trained.
package enum Regime: String, Codable, Sendable, CaseIterable {
  /// The classifier alone.
  case probe
  /// Everything but the backbone.
  case head
  case full
  /// All, from where `probe` ended (Kumar et al. 2022).
  case probeThenFull = "lp-ft"
}

extension Regime {
  /// Patterns of the parameters that stay as they are, by the names that heads and backbones of presets have.
  func frozen(under head: NetworkDescription.Head?) -> [String] {
    switch self {
    case .full, .probeThenFull: []
    case .head: ["features.*"]
    case .probe:
      (head?.kind.isFullyConnected ?? false) && head?.depth != 0 ? ["features.*", "head.fc*"] : ["features.*"]
    }
  }
}
