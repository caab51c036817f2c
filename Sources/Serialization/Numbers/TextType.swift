/// NumPy's type of texts of one length: `U3`, characters of 4 bytes, or `S3`, bytes, both filled up with zeros.
package struct TextType: Sendable, Equatable {
  /// Whether elements are characters rather than bytes.
  let isUnicode: Bool
  /// Characters or bytes of an element.
  let length: Int
  /// Whether the highest byte of a character comes first.
  var isBigEndian = false

  /// The size of an element in bytes.
  var size: Int { length * (isUnicode ? 4 : 1) }

  /// The type of NumPy's name, such as `<U3`; `nil` for another.
  init?(numPyCode descriptor: String) {
    let code = descriptor.first.map { "<>|=".contains($0) } == true ? descriptor.dropFirst() : descriptor[...]
    guard let kind = code.first, "USa".contains(kind), let length = Int(code.dropFirst()),
      (0...1 << 20).contains(length)
    else { return nil }
    (isUnicode, self.length, isBigEndian) = (kind == "U", length, descriptor.hasPrefix(">"))
  }

  /// The text of an element; `nil` for one that is not text in UTF-8 or UTF-32.
  func text(_ bytes: ArraySlice<UInt8>) -> String? {
    guard isUnicode else {
      let end = bytes.lastIndex { $0 != 0 }.map { $0 + 1 } ?? bytes.startIndex
      return String(validating: bytes[..<end], as: UTF8.self)
    }
    var scalars: [Unicode.Scalar] = []
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 4) {
      let four = bytes[start..<start + 4]
      let code =
        isBigEndian
        ? four.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } : four.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      guard let scalar = Unicode.Scalar(code) else { return nil }
      scalars.append(scalar)
    }
    while scalars.last?.value == 0 { scalars.removeLast() }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
