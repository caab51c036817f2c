internal import Kernels
package import Tensors

/// Range-checked values of a layer's keys.
extension KeyedDecodingContainer {
  /// A whole number in `range`; `fallback` if the key is missing.
  ///
  /// - Throws: `DecodingError` for a number out of range, and for a missing key without a fallback.
  package func integer(_ key: Key, in range: ClosedRange<Int>, or fallback: Int? = nil) throws -> Int {
    let value =
      if let fallback { try decodeIfPresent(Int.self, forKey: key) ?? fallback } else {
        try decode(Int.self, forKey: key)
      }
    guard range.contains(value) else {
      throw problem(key, "expected \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
    return value
  }

  /// A number in `range`; `fallback` if the key is missing.
  ///
  /// - Throws: `DecodingError` for a number out of range.
  package func number(_ key: Key, in range: Range<Float>, or fallback: Float) throws -> Float {
    let value = try decodeIfPresent(Float.self, forKey: key) ?? fallback
    guard range.contains(value) else {
      throw problem(key, "expected \(range.lowerBound) or more and below \(range.upperBound), found \(value)")
    }
    return value
  }

  /// An extent with both sides in `range`.
  ///
  /// - Throws: `DecodingError` for a side out of range, and for a missing key.
  package func extent(_ key: Key, in range: ClosedRange<Int>) throws -> Extent {
    let extent = try decode(Extent.self, forKey: key)
    guard range.contains(extent.height), range.contains(extent.width) else {
      throw problem(key, "expected \(range.lowerBound) to \(range.upperBound)")
    }
    return extent
  }

  /// A padding with every side in `range`; none if the key is missing.
  ///
  /// - Throws: `DecodingError` for a side out of range.
  package func padding(_ key: Key, in range: ClosedRange<Int>) throws -> Padding {
    let padding = try decodeIfPresent(Padding.self, forKey: key) ?? 0
    guard padding.sides.allSatisfy(range.contains) else {
      throw problem(key, "expected \(range.lowerBound) to \(range.upperBound)")
    }
    return padding
  }

  /// The outputs of a layer; `nil`, the number of classes, if the key is missing.
  ///
  /// - Throws: `DecodingError` for a number outside 1 … 2²⁰.
  package func outputs(_ key: Key) throws -> Int? { contains(key) ? try integer(key, in: 1...1 << 20) : nil }

  /// The standard deviation of a layer's weight initialization; `nil` if the key is missing.
  ///
  /// - Throws: `DecodingError` for a number outside [0, 1000).
  package func standardDeviation(_ key: Key) throws -> Float? {
    contains(key) ? try number(key, in: 0..<1000, or: 0) : nil
  }

  private func problem(_ key: Key, _ text: String) -> DecodingError {
    .dataCorruptedError(forKey: key, in: self, debugDescription: text)
  }
}
