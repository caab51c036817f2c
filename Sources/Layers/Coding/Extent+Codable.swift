internal import Kernels
internal import Tensors

/// An extent is written as one number where both sides are equal and as `[height, width]` otherwise.
extension Extent: Codable {
  /// Decodes a number (a square) or `[height, width]`.
  ///
  /// - Throws: `DecodingError` for anything else.
  package init(from decoder: any Decoder) throws {
    if let list = try? [Int](from: decoder) {
      guard list.count == 2 else {
        throw DecodingError.dataCorrupted(
          .init(codingPath: decoder.codingPath, debugDescription: "expected a number or [height, width]"))
      }
      self.init(height: list[0], width: list[1])
    } else {
      let side = try Int(from: decoder)
      self.init(height: side, width: side)
    }
  }

  /// Encodes one number for a square, `[height, width]` otherwise.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    if height == width {
      try height.encode(to: encoder)
    } else {
      try [height, width].encode(to: encoder)
    }
  }
}
