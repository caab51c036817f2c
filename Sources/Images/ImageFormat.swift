/// The file formats of images that are read, each recognized by its first bytes.
package enum ImageFormat: String, Sendable, CaseIterable {
  case jpeg = "JPEG"
  case png = "PNG"
  case webp = "WebP"
  case tiff = "TIFF"
  case bmp = "BMP"
  case gif = "GIF"

  /// The number of bytes at the beginning of a file that tell its format.
  package static let headLength = 18

  /// `JPEG, PNG, WebP, TIFF, BMP or GIF`.
  package static let list =
    allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or \(gif.rawValue)"

  /// The format of a file with these first bytes; `nil` if it is none of them.
  package init?(head: some Sequence<UInt8>) {
    let head = Array(head.prefix(Self.headLength))
    func begins(_ bytes: [UInt8], at place: Int = 0) -> Bool { head.dropFirst(place).starts(with: bytes) }
    if begins([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if begins([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if begins(Array("RIFF".utf8)), begins(Array("WEBP".utf8), at: 8) {
      self = .webp
    } else if begins([0x49, 0x49, 0x2A, 0]) || begins([0x4D, 0x4D, 0, 0x2A]) || begins([0x49, 0x49, 0x2B, 0])
      || begins([0x4D, 0x4D, 0, 0x2B])
    {
      self = .tiff
    } else if begins(Array("GIF87a".utf8)) || begins(Array("GIF89a".utf8)) {
      self = .gif
    } else if begins(Array("BM".utf8)), head.count == Self.headLength,
      // A text may begin with BM; the header's length follows at byte 14.
      [12, 16, 40, 52, 56, 64, 108, 124].contains(head[14]), head[15...17].allSatisfy({ $0 == 0 })
    {
      self = .bmp
    } else {
      return nil
    }
  }

  /// The endings of file names, in lowercase and without the dot.
  package var extensions: Set<String> {
    switch self {
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif", "mpo"]
    case .png: ["png", "apng"]
    case .webp: ["webp"]
    case .tiff: ["tif", "tiff"]
    case .bmp: ["bmp", "dib"]
    case .gif: ["gif"]
    }
  }
}
