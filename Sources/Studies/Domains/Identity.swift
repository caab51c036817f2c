internal import Tensors

/// Names that follow from contents alone: equal texts, equal names.
enum Identity {
  /// A name for a text: 64-bit FNV-1a, 16 hexadecimal digits.
  static func name(of text: String) -> String {
    let digits = String(RandomStream.key(text), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
