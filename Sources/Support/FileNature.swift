/// What a file is by its first bytes, for the message where something else was expected.
package enum FileNature: Sendable, Equatable {
  case empty
  /// A Git LFS pointer, and the bytes of the file that it stands for.
  case lfsPointer(size: Int?)
  case webPage
  /// A ZIP archive by the name of its first entry.
  case zip(first: String)
  case gzip, tar, bzip2, xz, zstandard, sevenZip, rar
  /// A pickle of Python's, protocol 0 to 5.
  case pickle
  /// A file of torch before version 1.6: pickles one after another.
  case legacyTorch
  case hdf5, safetensors, numpy, idx, matlab, onnx, caffe, prototxt, tensorFlowLite, gguf
  case image(String)
  case pdf, xml, json, yaml
  /// The index of weights that are parted into several files.
  case weightIndex
  /// A text of no known kind.
  case text
  /// No file with a known beginning.
  case unknown

  /// The number of bytes that are looked at.
  package static let headLength = 600

  /// - Throws: `FileError` where the file is missing or unreadable.
  package init(of path: String) throws(FileError) {
    let file = try RawFile(reading: path)
    self.init(
      head: try file.read(min(file.size, Self.headLength), of: UInt8.self, at: 0), size: file.size, name: path)
  }

  /// - Parameters:
  ///   - head: the first bytes, at least ``headLength`` where the file has them.
  ///   - size: of the file in bytes.
  ///   - name: of the file, for kinds without a beginning of their own.
  package init(head: [UInt8], size: Int, name: String) {
    guard !head.isEmpty else {
      self = .empty
      return
    }
    let text = Self.decoded(head)
    self =
      Self.byMagic(head, size: size) ?? text.flatMap { Self.byText($0, name: name) } ?? Self.byFields(head, name: name)
      ?? (text == nil ? .unknown : .text)
  }

  private static func byMagic(_ head: [UInt8], size: Int) -> FileNature? {
    func begins(_ bytes: UInt8..., at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: bytes) }
    func begins(_ text: String, at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: text.utf8) }
    if begins(0x89, 0x48, 0x44, 0x46) { return .hdf5 }
    if begins(0x50, 0x4B, 3, 4) || begins(0x50, 0x4B, 5, 6) { return .zip(first: firstEntry(head)) }
    if begins(0x1F, 0x8B) { return .gzip }
    if begins("ustar", at: 257) { return .tar }
    if begins("BZh") { return .bzip2 }
    if begins(0xFD, 0x37, 0x7A, 0x58, 0x5A) { return .xz }
    if begins(0x28, 0xB5, 0x2F, 0xFD) { return .zstandard }
    if begins(0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C) { return .sevenZip }
    if begins("Rar!") { return .rar }
    if begins(0x93), begins("NUMPY", at: 1) { return .numpy }
    if begins("GGUF") { return .gguf }
    if begins("TFL3", at: 4) { return .tensorFlowLite }
    if begins("MATLAB 5.0") || begins("MATLAB 7.3") { return .matlab }
    if begins("%PDF") { return .pdf }
    if let image = imageKind(head) { return .image(image) }
    // torch's magic number, 0x1950A86A20F9469CFC6C, as a pickle of its own.
    if begins(0x80), begins(0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, at: 2) {
      return .legacyTorch
    }
    // Before pickles: a header of 640 bytes begins as one.
    if head.count > 9, head[8] == UInt8(ascii: "{"), head[7] == 0, head[6] == 0, head[5] == 0, head[4] == 0 {
      return .safetensors
    }
    if begins(0x80), head.count > 2, head[1] <= 5 { return .pickle }
    // Protocol 1 begins with a container that is put into the memo, protocol 0 with a mark and one.
    if begins(0x7D, 0x71, 0) || begins(0x5D, 0x71, 0) || begins("(dp0\n") || begins("(lp0\n") { return .pickle }
    if begins(0, 0), head.count > 4, [8, 9, 11, 12, 13, 14].contains(head[2]), (1...4).contains(head[3]) {
      return .idx
    }
    return nil
  }

  private static func imageKind(_ head: [UInt8]) -> String? {
    func begins(_ bytes: UInt8..., at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: bytes) }
    func begins(_ text: String, at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: text.utf8) }
    if begins(0x89, 0x50, 0x4E, 0x47) { return "PNG" }
    if begins(0xFF, 0xD8, 0xFF) { return "JPEG" }
    if begins("GIF8") { return "GIF" }
    if begins("RIFF") && begins("WEBP", at: 8) { return "WebP" }
    if begins(0x49, 0x49, 0x2A, 0) || begins(0x4D, 0x4D, 0, 0x2A) { return "TIFF" }
    if begins("BM"), begins(0, 0, 0, 0, at: 6) { return "BMP" }
    if begins("ftypavif", at: 4) { return "AVIF" }
    if begins("ftyphei", at: 4) { return "HEIC" }
    return nil
  }

  /// The name of a ZIP archive's first entry.
  private static func firstEntry(_ head: [UInt8]) -> String {
    guard head.count >= 30 else { return "" }
    return String(decoding: head.dropFirst(30).prefix(Int(head[26]) | Int(head[27]) << 8), as: UTF8.self)
  }

  /// The beginning as a text; `nil` where it holds bytes that no text has.
  private static func decoded(_ head: [UInt8]) -> String? {
    guard head.allSatisfy({ $0 >= 32 || $0 == 9 || $0 == 10 || $0 == 12 || $0 == 13 }) else { return nil }
    return String(decoding: head, as: UTF8.self)
  }

  private static func byText(_ text: String, name: String) -> FileNature? {
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if start.hasPrefix("version https://git-lfs.github.com/spec/") {
      let line = text.split(separator: "\n").first { $0.hasPrefix("size ") }
      return .lfsPointer(size: line.flatMap { Int($0.dropFirst(5)) })
    }
    let lower = start.lowercased()
    if lower.hasPrefix("<!doctype html") || lower.hasPrefix("<html") { return .webPage }
    if start.hasPrefix("<") { return lower.contains("<html") ? .webPage : .xml }
    if isPickleOfText(start) { return .pickle }
    if name.hasSuffix(".prototxt") || start.contains("layer {") || start.contains("layers {") { return .prototxt }
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return .yaml }
    if start.hasPrefix("{"), name.hasSuffix(".index.json") || start.contains("\"weight_map\"") { return .weightIndex }
    if start.hasPrefix("{") || start.hasPrefix("[{") { return .json }
    return nil
  }

  /// Whether a text begins as a pickle of protocol 0: with a mark and a container, or with a global and a mark.
  private static func isPickleOfText(_ text: Substring) -> Bool {
    if ["(dp", "(lp", "(d.", "(l.", "(S'", "(c", "(i"].contains(where: { text.hasPrefix($0) }) { return true }
    let lines = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
    func isName(_ text: Substring) -> Bool {
      !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
    }
    return text.first == "c" && lines.count == 3 && isName(lines[0]) && isName(lines[1])
      && ["(", "p"].contains(lines[2].first)
  }

  /// Kinds of protocol buffers, which have no beginning of their own.
  private static func byFields(_ head: [UInt8], name: String) -> FileNature? {
    // The first field of an ONNX model is its version, a small number; one of the other fields follows.
    let fields: Set<UInt8> = [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42]
    if name.hasSuffix(".onnx") || head.first == 0x08 && head.count > 2 && head[1] < 32 && fields.contains(head[2]) {
      return .onnx
    }
    return name.hasSuffix(".caffemodel") ? .caffe : nil
  }
}
