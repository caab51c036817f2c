package import Support

/// An array of texts: of one length in a file, or of any in a pickle.
package struct TextArray: Sendable {
  /// The most bytes that texts of one array take.
  private static let limit = 256 << 20
  /// The most texts of one array.
  private static let countLimit = 1 << 24

  /// Extents, the slowest first.
  package let shape: [Int]
  private let content: Content

  private enum Content: Sendable {
    case held([String])
    case stored(TextType, source: any ByteSource, offset: Int, isFortran: Bool)
  }

  /// Texts in a row.
  init(_ texts: [String]) { (shape, content) = ([texts.count], .held(texts)) }

  /// An array of texts of one length in a source.
  ///
  /// - Throws: `FileError` where the source has another number of bytes, or there are more than 256 MiB.
  init(
    shape: [Int], type: TextType, isFortran: Bool, source: any ByteSource, offset: Int, end: Int
  ) throws(FileError) {
    guard let count = StoredArray.count(of: shape, limit: Self.countLimit), count * type.size == end - offset else {
      throw FileError(
        what: "\(end - offset) bytes of texts", path: source.path,
        expected: "those of shape \(shape) and \(type.size) bytes each", action: "fetch or make the file again")
    }
    guard end - offset <= Self.limit else {
      throw FileError(
        what: "\(end - offset) bytes of texts", path: source.path, expected: "at most \(Self.limit)",
        action: "write them as numbers")
    }
    (self.shape, content) = (shape, .stored(type, source: source, offset: offset, isFortran: isFortran))
  }

  /// The texts in a file that begins with a header of NumPy's; `nil` for an array of anything else.
  ///
  /// - Throws: `FileError` where it is cut short or too long.
  init?(of source: any ByteSource, _ header: NumPyHeader) throws(FileError) {
    guard let type = TextType(numPyCode: header.descriptor) else { return nil }
    try self.init(
      shape: header.shape, type: type, isFortran: header.isFortran, source: source, offset: header.end, end: source.size
    )
  }

  /// All texts in C order.
  ///
  /// - Parameter path: what to call the array in errors.
  /// - Throws: `FileError` where an element is no text, or an array of several long axes is in Fortran order.
  package func texts(path: String) throws(FileError) -> [String] {
    switch content {
    case .held(let texts): return texts
    case .stored(let type, let source, let offset, let isFortran):
      guard !isFortran || shape.count(where: { $0 != 1 }) <= 1 else {
        throw FileError(
          what: "texts of shape \(shape) in Fortran order", path: path, expected: "[N]",
          action: "give one text per image")
      }
      let count = shape.reduce(1, *)
      guard count > 0, type.size > 0 else { return Array(repeating: "", count: count) }
      let bytes = try source.bytes(count * type.size, at: offset)
      var texts: [String] = []
      texts.reserveCapacity(count)
      for place in 0..<count {
        guard let text = type.text(bytes[place * type.size..<(place + 1) * type.size]) else {
          throw FileError(
            what: "text \(place) is not \(type.isUnicode ? "Unicode" : "UTF-8")", path: path, expected: "texts",
            action: "decode them in Python, as with numpy.char.decode, and save them again")
        }
        texts.append(text)
      }
      return texts
    }
  }
}
