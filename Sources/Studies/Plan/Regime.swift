package import Networks

/// Which part of a pretrained network is trained.
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
  /// The frozen roles of layers.
  package var frozen: [FreezeRule] {
    switch self {
    case .probe: [.role(.backbone), .role(.hidden)]
    case .head: [.role(.backbone)]
    case .full, .probeThenFull: []
    }
  }
}
