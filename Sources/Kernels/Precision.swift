import CKernels
import COneDNN

/// The number format of products in linear layers and convolutions during training; everything else is float32.
package enum Precision: String, Codable, Sendable, CaseIterable {
  /// IEEE single precision throughout.
  case float32
  /// Factors rounded to bfloat16 (to nearest, ties to even); sums, weights and optimizer state stay float32.
  ///
  /// Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, 2019.
  case bfloat16

  /// Whether this processor and oneDNN have instructions for the format.
  package var isAvailable: Bool {
    switch self {
    case .float32: true
    case .bfloat16: kernel_has_bfloat16() != 0 && onednn_has_bfloat16() != 0
    }
  }
}
