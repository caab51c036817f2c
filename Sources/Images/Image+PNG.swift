import CImages

/// Decodes a PNG file with libpng: the stored samples, whatever gamma or color profile it declares.
///
/// Palettes are expanded; of 16 bits the upper 8 are kept.
func decodedPNG(_ bytes: [UInt8], name: String, pixelLimit: Int) throws(ImageError) -> DecodedImage {
  guard let chunks = PNGChunks(bytes) else {
    throw ImageError(name, "damaged PNG (it does not begin with a header or ends before its last chunk)")
  }
  try checkExtents(height: chunks.height, width: chunks.width, name: name, pixelLimit: pixelLimit)
  let channels = chunks.colorType & 2 != 0 ? 3 : 1
  let count = chunks.height * chunks.width * channels
  var isTransparent: Int32 = 0
  var failure: String?
  let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    failure = withMessage { message in
      images_png_decode(
        bytes, bytes.count, buffer.baseAddress, chunks.height, chunks.width, channels, &isTransparent, message) == 0
    }
    initialized = failure == nil ? count : 0
  }
  if let failure { throw ImageError(name, "damaged PNG (\(failure))") }
  var traits: [ImageTrait: String] = [:]
  if isTransparent != 0 { traits[.transparency] = "" }
  if chunks.depth == 16 { traits[.deep] = "" }
  if chunks.frames > 1 { traits[.frames] = "\(chunks.frames) frames" }
  return DecodedImage(
    Image(height: chunks.height, width: chunks.width, channels: channels, pixels: pixels), .png,
    orientation: chunks.exif.flatMap { Orientation(ofEXIF: $0) } ?? .upright, traits: traits)
}

/// The chunks of a PNG file up to its last, of which the decoder checks only those before the pixels' end.
private struct PNGChunks {
  let width: Int
  let height: Int
  let depth: Int
  let colorType: Int
  /// Frames of an animation.
  private(set) var frames = 1
  private(set) var exif: ArraySlice<UInt8>?

  init?(_ file: [UInt8]) {
    let bytes = ImageBytes(file)
    guard bytes.slice(4, at: 12)?.elementsEqual("IHDR".utf8) == true, bytes.big(4, at: 8) == 13,
      let width = bytes.big(4, at: 16), let height = bytes.big(4, at: 20), let depth = bytes.big(1, at: 24),
      let colorType = bytes.big(1, at: 25)
    else { return nil }
    (self.width, self.height, self.depth, self.colorType) = (width, height, depth, colorType)
    var position = 8
    while let length = bytes.big(4, at: position), let kind = bytes.slice(4, at: position + 4),
      bytes.slice(length + 4, at: position + 8) != nil
    {
      if kind.elementsEqual("IEND".utf8) { return }
      if kind.elementsEqual("acTL".utf8), length == 8 { frames = bytes.big(4, at: position + 8) ?? 1 }
      if kind.elementsEqual("eXIf".utf8), exif == nil { exif = bytes.slice(length, at: position + 8) }
      position += 12 + length
    }
    return nil
  }
}
