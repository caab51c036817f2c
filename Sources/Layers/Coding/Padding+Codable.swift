package import Tensors

/// Padding is written as one number where all sides are equal and as `[top, left, bottom, right]` otherwise.
extension Padding: Codable {
  /// Decodes a number (every side), `[vertical, horizontal]` or `[top, left, bottom, right]`.
  ///
  /// - Throws: `DecodingError` for anything else.
  package init(from decoder: any Decoder) throws {
    guard let sides = try? [Int](from: decoder) else {
      self.init(try Int(from: decoder))
      return
    }
    switch sides.count {
    case 2: self.init(top: sides[0], left: sides[1], bottom: sides[0], right: sides[1])
    case 4: self.init(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
    default:
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "expected a number, [vertical, horizontal] or [top, left, bottom, right]"))
    }
  }

  /// Encodes one number for equal sides, `[top, left, bottom, right]` otherwise.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    if sides.allSatisfy({ $0 == top }) {
      try top.encode(to: encoder)
    } else {
      try sides.encode(to: encoder)
    }
  }
}
