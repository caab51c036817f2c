import CKernels
import COneDNN

/// The numbers that linear layers and convolutions multiply in training; all else is float32.
package enum Precision: String, Codable, Sendable, CaseIterable {
  case float32
  /// Factors rounded to the upper half of a Float, to the nearest and halves to even; sums, weights and momentum stay
  /// float32 (Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, 2019).
  case bfloat16

  /// Whether this processor multiplies such numbers by itself, and oneDNN, for convolutions, makes use of it.
  package var isAvailable: Bool {
    switch self {
    case .float32: true
    case .bfloat16: kernel_has_bfloat16() != 0 && onednn_has_bfloat16() != 0
    }
  }
}
