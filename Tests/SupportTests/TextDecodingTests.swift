import Support
import Testing

@Suite struct TextDecodingTests {
  /// Texts as Python's codecs write them; see Fixtures/make_text_encodings.py.
  static let texts: [(encoding: String, text: String, bytes: [UInt8])] = [
    ("ISO-8859-1", "café niño", [0x63, 0x61, 0x66, 0xE9, 0x20, 0x6E, 0x69, 0xF1, 0x6F]),
    ("ISO-8859-15", "€ œuvre", [0xA4, 0x20, 0xBD, 0x75, 0x76, 0x72, 0x65]),
    ("ISO-8859-2", "żółw źdźbło", [0xBF, 0xF3, 0xB3, 0x77, 0x20, 0xBC, 0x64, 0xBC, 0x62, 0xB3, 0x6F]),
    ("windows-1252", "“café” €", [0x93, 0x63, 0x61, 0x66, 0xE9, 0x94, 0x20, 0x80]),
    ("windows-1251", "кошка", [0xEA, 0xEE, 0xF8, 0xEA, 0xE0]),
    ("KOI8-R", "собака", [0xD3, 0xCF, 0xC2, 0xC1, 0xCB, 0xC1]),
    ("GB2312", "猫狗熊", [0xC3, 0xA8, 0xB9, 0xB7, 0xD0, 0xDC]),
    ("GBK", "貓狗镕", [0xD8, 0x88, 0xB9, 0xB7, 0xE9, 0x46]),
    ("GB18030", "猫𠮷€", [0xC3, 0xA8, 0x95, 0x34, 0xB2, 0x35, 0xA2, 0xE3]),
    ("Big5", "貓狗熊", [0xBF, 0xDF, 0xAA, 0xAF, 0xBA, 0xB5]),
    ("Shift_JIS", "猫と犬ｱ", [0x94, 0x4C, 0x82, 0xC6, 0x8C, 0xA2, 0xB1]),
    ("EUC-JP", "猫と犬", [0xC7, 0xAD, 0xA4, 0xC8, 0xB8, 0xA4]),
    (
      "ISO-2022-JP", "猫cat犬",
      [
        0x1B, 0x24, 0x42, 0x47, 0x2D, 0x1B, 0x28, 0x42, 0x63, 0x61, 0x74, 0x1B, 0x24, 0x42, 0x38, 0x24, 0x1B, 0x28,
        0x42,
      ]
    ),
    ("EUC-KR", "고양이", [0xB0, 0xED, 0xBE, 0xE7, 0xC0, 0xCC]),
    (
      "UTF-16LE", "naïve 猫𠮷",
      [0x6E, 0x00, 0x61, 0x00, 0xEF, 0x00, 0x76, 0x00, 0x65, 0x00, 0x20, 0x00, 0x2B, 0x73, 0x42, 0xD8, 0xB7, 0xDF]
    ),
    (
      "UTF-16BE", "naïve 猫𠮷",
      [0x00, 0x6E, 0x00, 0x61, 0x00, 0xEF, 0x00, 0x76, 0x00, 0x65, 0x00, 0x20, 0x73, 0x2B, 0xD8, 0x42, 0xDF, 0xB7]
    ),
    ("UTF-32LE", "é猫", [0xE9, 0x00, 0x00, 0x00, 0x2B, 0x73, 0x00, 0x00]),
    ("macintosh", "Ünïcödé", [0x86, 0x6E, 0x95, 0x63, 0x9A, 0x64, 0x8E]),
  ]

  @Test func encodingsAsPythonReadsThem() throws {
    for (encoding, text, bytes) in Self.texts {
      #expect(try TextDecoding.text(bytes, in: encoding, path: "a") == text, "\(encoding)")
      #expect(try TextDecoding.text(bytes, in: encoding.lowercased(), path: "a") == text)
      // In pieces of one byte.
      var converter = try TextDecoding.converter(from: encoding, path: "a")
      var found: [UInt8] = []
      for byte in bytes { found += try converter.convert([byte]) }
      found += try converter.finish()
      #expect(found == Array(text.utf8), "\(encoding)")
    }
  }

  @Test func otherSpellingsAreKnown() throws {
    for name in ["latin-1", "Latin1", "iso_8859-1", "cp819"] {
      #expect(try TextDecoding.text([0xE9], in: name, path: "a") == "é", "\(name)")
    }
    #expect(try TextDecoding.text([0xC3, 0xA8], in: "x-gbk", path: "a") == "猫")
    #expect(try TextDecoding.text([0xC3, 0xA9], in: "utf_8", path: "a") == "é")
  }

  @Test func marksAreTakenAway() throws {
    #expect(try TextDecoding.utf8([0xEF, 0xBB, 0xBF, 0x61], path: "a") == "a")
    #expect(try TextDecoding.text([0xFF, 0xFE, 0x61, 0], in: "UTF-16", path: "a") == "a")
    #expect(try TextDecoding.text([0xFE, 0xFF, 0, 0x61], in: "utf-16", path: "a") == "a")
    #expect(TextDecoding.mark(of: [0xFF, 0xFE, 0, 0])?.encoding == "UTF-32LE")
    #expect(TextDecoding.mark(of: [0xFF, 0xFE, 0x61, 0])?.length == 2)
  }

  @Test func nothingIsRepaired() throws {
    func message(_ bytes: [UInt8], _ encoding: String) throws -> String {
      try #require(throws: FileError.self) { try TextDecoding.text(bytes, in: encoding, path: "a.xml") }.message
    }
    #expect(try message([0x61, 0x0A, 0xE9, 0x62], "UTF-8").hasPrefix("a.xml: line 2: byte E9 is not UTF-8"))
    #expect(try message([0x61, 0xE7], "GB2312").contains("line 1: it ends within a character, not GB2312"))
    #expect(try message([0x81, 0x0A], "windows-1252").contains("line 1: byte 81 is not windows-1252"))
    #expect(try message([0x61, 0x80], "US-ASCII").contains("byte 80 is not US-ASCII"))
    #expect(try message([0x61], "Klingon").contains("the text encoding \"Klingon\" is unknown"))
    #expect(try message([0x61], "UTF-8//IGNORE").contains("is unknown"))
    #expect(try message([0x61], "").contains("is unknown"))
    #expect(try message([0x61, 0], "UTF-16").contains("without a byte order mark"))
    #expect(
      try message([0xEF, 0xBB, 0xBF, 0x61], "windows-1252").contains("the byte order mark of UTF-8 in a text of"))
    // Half of a surrogate pair.
    #expect(try message([0x42, 0xD8, 0x61, 0], "UTF-16LE").contains("not UTF-16LE"))
  }
}
