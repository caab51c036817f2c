internal import Support

/// NumPy's .npy format: a magic string, a version, a header that is a Python dictionary, values.
enum NumPyFile {
  private static let elements: [String: NumberType] = [
    "b1": .bool, "i1": .int8, "u1": .uint8, "i2": .int16, "u2": .uint16, "i4": .int32, "u4": .uint32, "i8": .int64,
    "u8": .uint64, "f2": .float16, "f4": .float32, "f8": .float64,
  ]

  /// The array in a .npy file of numbers or truth values in C order.
  /// - Throws: `FileError` for another format, type or order, or values cut short.
  static func array(in file: SourceFile) throws(FileError) -> NumericArray {
    let path = file.path
    let prefix = try file.bytes(min(12, file.size), at: 0)
    guard prefix.count == 12, prefix.starts(with: [0x93] + Array("NUMPY".utf8)), (1...3).contains(prefix[6]) else {
      throw FileError(
        what: "not a .npy file", path: path, expected: "NumPy's magic string and version 1 to 3",
        action: "save the array with numpy.save")
    }
    let headerStart = prefix[6] == 1 ? 10 : 12
    let length = prefix[8..<headerStart].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= file.size - headerStart else {
      throw FileError(
        what: "ends within its header", path: path, expected: "\(length) bytes of header",
        action: "fetch or make the file again")
    }
    guard length <= 1 << 16 else {
      throw FileError(
        what: "a header of \(length) bytes", path: path, expected: "at most \(1 << 16)",
        action: "save a single array of numbers with numpy.save")
    }
    let header = String(decoding: try file.bytes(length, at: headerStart), as: UTF8.self)
    guard
      let descriptor = value(of: "descr", in: header), let order = value(of: "fortran_order", in: header),
      let shape = value(of: "shape", in: header).flatMap(extents)
    else {
      throw FileError(
        what: "header \(header.prefix(80))", path: path, expected: "descr, fortran_order and shape of one array",
        action: "save a single array of numbers with numpy.save")
    }
    guard let element = elements[String(descriptor.drop { "|<>=".contains($0) })] else {
      throw FileError(
        what: "elements of type \(descriptor)", path: path,
        expected: "bool, whole numbers, float16, float32 or float64", action: "convert with astype and save again"
      )
    }
    guard order == "False" else {
      throw FileError(
        what: "an array in Fortran order", path: path, expected: "C order",
        action: "save numpy.ascontiguousarray of it")
    }
    return try NumericArray(
      shape: shape, element: element, isBigEndian: descriptor.hasPrefix(">"), file: file, start: headerStart + length,
      end: file.size)
  }

  /// The text of a key's value in the header: without quotes, or between the brackets of a tuple.
  private static func value(of key: String, in header: String) -> String? {
    guard let name = header.firstRange(of: "'\(key)':") else { return nil }
    let rest = header[name.upperBound...].drop { $0 == " " }
    switch rest.first {
    case "'": return String(rest.dropFirst().prefix { $0 != "'" })
    case "(": return String(rest.dropFirst().prefix { $0 != ")" })
    default: return String(rest.prefix { $0 != "," && $0 != "}" && $0 != " " })
    }
  }

  private static func extents(_ tuple: String) -> [Int]? {
    let parts = tuple.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == parts.count ? numbers : nil
  }
}
