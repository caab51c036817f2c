package import Support

/// The header of NumPy's .npy format: a magic string, a version, and a Python dictionary of type, order and shape
/// (NEP 1).
package struct NumPyHeader: Sendable, Equatable {
  /// NumPy's name of the type as it is written, such as `<f4`.
  package let descriptor: String
  /// The type of the elements; `nil` for one that is not read.
  package let type: NumberType?
  /// Whether the highest byte of an element comes first.
  package let isBigEndian: Bool
  /// Whether the first axis is the fastest.
  package let isFortran: Bool
  /// Extents, the slowest first.
  package let shape: [Int]
  /// Where the values begin, in bytes.
  package let end: Int

  /// Whether an element has several fields.
  private var isStructured: Bool { descriptor.hasPrefix("[") }

  /// Whether the elements are Python objects, which lie in a pickle.
  package var holdsObjects: Bool { descriptor.hasSuffix("O") }

  /// Reads the header at the beginning of a source.
  ///
  /// - Throws: `FileError` for another format or a damaged header.
  package init(of source: any ByteSource) throws(FileError) {
    let path = source.path
    let prefix = try source.bytes(min(12, source.size), at: 0)
    guard prefix.count == 12, prefix.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(prefix[6]) else {
      throw FileError(
        what: "not a .npy file", path: path, expected: "NumPy's magic string and version 1 to 3",
        action: "save the array with numpy.save")
    }
    let start = prefix[6] == 1 ? 10 : 12
    let length = prefix[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= source.size - start else {
      throw FileError(
        what: "ends within its header", path: path, expected: "\(length) bytes of header",
        action: "fetch or make the file again")
    }
    guard length <= 1 << 16 else {
      throw FileError(
        what: "a header of \(length) bytes", path: path, expected: "at most \(1 << 16)",
        action: "save a single array of numbers with numpy.save")
    }
    let text = String(decoding: try source.bytes(length, at: start), as: UTF8.self)
    guard let descriptor = Self.value(of: "descr", in: text), let order = Self.value(of: "fortran_order", in: text),
      order == "True" || order == "False", let shape = Self.value(of: "shape", in: text).flatMap(Self.extents)
    else {
      throw FileError(
        what: "header \(text.prefix(80))", path: path, expected: "descr, fortran_order and shape of one array",
        action: "save a single array of numbers with numpy.save")
    }
    (self.descriptor, self.shape, isFortran) = (descriptor, shape, order == "True")
    let hasOrder = descriptor.first.map { "<>|=".contains($0) } ?? false
    type = NumberType(numPyCode: hasOrder ? descriptor.dropFirst() : descriptor[...])
    isBigEndian = descriptor.hasPrefix(">")
    end = start + length
  }

  /// The array of a source that begins with such a header and ends with its values.
  ///
  /// - Throws: `FileError` for another format, a type that is not read, or values cut short.
  package static func array(in source: any ByteSource) throws(FileError) -> StoredArray {
    let header = try NumPyHeader(of: source)
    guard let type = header.type else {
      throw FileError(
        what: "elements of \(header.isStructured ? "the structured type" : "type") \(header.descriptor.prefix(200))",
        path: source.path, expected: "whole numbers, bool, float16, float32 or float64",
        action: header.isStructured
          ? "save each field alone, as numpy.save(FILE, array['NAME'])" : "convert with astype and save again")
    }
    let count = StoredArray.count(of: header.shape)
    guard let count, count * type.size == source.size - header.end else {
      let needed = count.map { "\($0 * type.size)" } ?? "fewer"
      throw FileError(
        what: "\(source.size - header.end) bytes of values", path: source.path,
        expected: "\(needed) for shape \(header.shape) of \(header.descriptor)", action: "fetch or make the file again")
    }
    return try StoredArray(
      shape: header.shape, type: type, isBigEndian: header.isBigEndian, isFortran: header.isFortran, source: source,
      offset: header.end)
  }

  /// The text of a key's value in the header: without quotes, or between the brackets of a tuple.
  private static func value(of key: String, in header: String) -> String? {
    guard let name = header.firstRange(of: "'\(key)':") else { return nil }
    let rest = header[name.upperBound...].drop { $0 == " " }
    switch rest.first {
    case "'": return String(rest.dropFirst().prefix { $0 != "'" })
    // The fields of a structured type, which may hold lists themselves.
    case "[":
      var depth = 0
      let end = rest.firstIndex { character in
        depth += character == "[" ? 1 : character == "]" ? -1 : 0
        return depth == 0
      }
      return end.map { String(rest[...$0]) }
    case "(": return String(rest.dropFirst().prefix { $0 != ")" })
    default: return String(rest.prefix { $0 != "," && $0 != "}" && $0 != " " })
    }
  }

  private static func extents(_ tuple: String) -> [Int]? {
    let parts = tuple.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let numbers = parts.compactMap { Int($0.last == "L" ? String($0.dropLast()) : $0) }
    return numbers.count == parts.count ? numbers : nil
  }
}
