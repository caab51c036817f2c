internal import Glibc

/// Converts text in a named encoding to UTF-8, piece by piece, by the system's iconv; nothing is replaced or left out.
@safe package struct TextConverter: ~Copyable {
  /// Why and where bytes are not text in the encoding.
  package struct Failure: Error, Sendable, Equatable {
    /// The number of bytes before the first that cannot be converted.
    package let offset: Int
    /// That byte; `nil` if the text ends within a character.
    package let byte: UInt8?
  }

  private let descriptor: iconv_t
  /// Bytes of a character that the next piece completes.
  private var rest: [UInt8]
  private var offset: Int

  /// A converter from an encoding, by its name in any case; `nil` if the system does not know it.
  package init?(from encoding: String) {
    // A suffix such as //TRANSLIT would make iconv replace characters, and other names stand for the locale's.
    let isName = encoding.utf8.allSatisfy { byte in
      byte < 128 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
        || "-_.:+()".utf8.contains(byte)
    }
    guard isName, !["", "CHAR", "WCHAR_T", "INTERNAL"].contains(encoding.uppercased()) else { return nil }
    // Such as latin-1, utf_8 and x-gbk, which glibc knows by other spellings.
    let plain = encoding.lowercased().hasPrefix("x-") ? String(encoding.dropFirst(2)) : encoding
    var opened: iconv_t?
    for name in [encoding, plain, plain.filter { $0 != "-" && $0 != "_" }] where unsafe opened == nil {
      let found = unsafe iconv_open("UTF-8", name)
      if let found = unsafe found, Int(bitPattern: found) != -1 { unsafe opened = found }
    }
    guard let opened = unsafe opened else { return nil }
    unsafe descriptor = opened
    (rest, offset) = ([], 0)
  }

  deinit { _ = unsafe iconv_close(descriptor) }

  /// The next bytes as UTF-8; bytes of an incomplete last character wait for the next piece.
  ///
  /// - Throws: `Failure` at the first byte that is not text in the encoding.
  package mutating func convert(_ piece: ArraySlice<UInt8>) throws(Failure) -> [UInt8] {
    var input = rest + piece
    rest = []
    var output = [UInt8](repeating: 0, count: 4 * input.count + 64)
    let (read, written, code) = run(&input, &output)
    if code == EINVAL {
      rest = Array(input[read...])
    } else if code != 0 {
      throw Failure(offset: offset + read, byte: read < input.count ? input[read] : nil)
    }
    offset += read
    output.removeLast(output.count - written)
    return output
  }

  /// What is left at the end of the text as UTF-8.
  ///
  /// - Throws: `Failure` if it ends within a character.
  package mutating func finish() throws(Failure) -> [UInt8] {
    guard rest.isEmpty else { throw Failure(offset: offset, byte: nil) }
    var output = [UInt8](repeating: 0, count: 64)
    var none: [UInt8] = []
    let written = run(&none, &output).written
    output.removeLast(output.count - written)
    return output
  }

  /// Calls iconv once; without input, iconv writes what it has kept back.
  private func run(_ input: inout [UInt8], _ output: inout [UInt8]) -> (read: Int, written: Int, code: Int32) {
    unsafe input.withUnsafeMutableBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        var from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
        var to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self)
        var (fromLeft, toLeft) = (source.count, target.count)
        let isLast = fromLeft == 0
        let status =
          unsafe isLast ? iconv(descriptor, nil, nil, &to, &toLeft) : iconv(descriptor, &from, &fromLeft, &to, &toLeft)
        let code = status == -1 ? errno : 0
        return (source.count - fromLeft, target.count - toLeft, code)
      }
    }
  }
}
