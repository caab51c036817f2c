import CImages

/// Decodes the first page of a TIFF file with libtiff, as Pillow's `convert("RGB")` gives it.
///
/// Gray, palettes, RGB, CMYK, and luma and chroma, of 1, 2, 4, 8 or 16 bits, in strips or tiles.
func decodedTIFF(_ bytes: [UInt8], name: String, pixelLimit: Int) throws(ImageError) -> DecodedImage {
  let memoryLimit = 64 << 20 + 8 * pixelLimit
  return try bytes.withUnsafeBufferPointer { file throws(ImageError) in
    var header = images_tiff_header()
    var tiff: OpaquePointer?
    let failure = withMessage { message in
      tiff = images_tiff_open(file.baseAddress, file.count, memoryLimit, &header, message)
      return tiff != nil
    }
    guard let tiff else { throw ImageError(name, "damaged TIFF (\(failure ?? ""))") }
    defer { images_tiff_close(tiff) }
    return try TIFFPage(header: header, name: name, pixelLimit: pixelLimit).decoded(tiff)
  }
}

/// The first page of a TIFF file, checked against what can be decoded.
private struct TIFFPage {
  private let header: images_tiff_header
  private let name: String
  private let colors: TIFFColors
  private let height: Int
  private let width: Int
  private let samples: Int

  init(header: images_tiff_header, name: String, pixelLimit: Int) throws(ImageError) {
    (self.header, self.name) = (header, name)
    (height, width, samples) = (Int(header.height), Int(header.width), Int(header.samples))
    try checkExtents(height: height, width: width, name: name, pixelLimit: pixelLimit)
    func refusal(_ what: String, expected: String) -> ImageError {
      ImageError(name, "\(what), expected \(expected)", action: "convert the image or leave it out")
    }
    guard [1, 4].contains(header.format) else {
      let kind = [2: "signed", 3: "floating-point", 5: "complex", 6: "complex"][header.format] ?? "unknown"
      throw refusal("a TIFF file of \(kind) samples", expected: "unsigned ones")
    }
    guard [1, 2, 4, 8, 16].contains(header.bits) else {
      throw refusal("a TIFF file of \(header.bits) bits per sample", expected: "1, 2, 4, 8 or 16")
    }
    // None, fax, LZW, JPEG, deflate, LZMA, Zstandard, WebP, PackBits.
    guard [1, 2, 3, 4, 5, 7, 8, 32773, 32946, 34925, 50000, 50001].contains(header.compression) else {
      throw refusal(
        "a TIFF file of compression \(header.compression)",
        expected: "none, fax, LZW, JPEG, deflate, LZMA, Zstandard, WebP or PackBits")
    }
    guard let colors = TIFFColors(header) else {
      throw refusal(
        "a TIFF file of color space \(header.photometric) with \(samples) samples of \(header.bits) bits",
        expected: "gray, a palette, RGB, CMYK, or luma and chroma, and at most one sample beside the colors")
    }
    self.colors = colors
  }

  func decoded(_ tiff: OpaquePointer) throws(ImageError) -> DecodedImage {
    let count = height * width
    let isLuma = colors == .lumaAndChroma
    let stored = isLuma ? 4 : samples
    let stripLimit = max(16 << 20, 4 * count * stored * (header.bits == 16 ? 2 : 1))
    var failure: String?
    let values = [UInt8](unsafeUninitializedCapacity: count * stored) { buffer, initialized in
      failure = withMessage { message in
        guard isLuma else { return images_tiff_read(tiff, buffer.baseAddress, stripLimit, message) == 0 }
        return UnsafeMutableRawBufferPointer(buffer).withMemoryRebound(to: UInt32.self) {
          images_tiff_read_rgba(tiff, $0.baseAddress, message) == 0
        }
      }
      initialized = failure == nil ? count * stored : 0
    }
    if let failure { throw ImageError(name, "damaged TIFF (\(failure))") }
    var traits: [ImageTrait: String] = [:]
    if header.pages > 1 { traits[.frames] = "\(header.pages) pages" }
    if header.bits == 16 { traits[.deep] = "" }
    if colors == .cmyk { traits[.cmyk] = "" }
    let kind = Int(header.extra_kind)
    if header.extra_count > 0, kind == 1 || kind == 2, !isLuma,
      stride(from: samples - 1, to: values.count, by: samples).contains(where: { values[$0] != opaque })
    {
      traits[.transparency] = ""
    }
    let pixels = isLuma ? withoutAlpha(values).pixels : colors.pixels(of: values, header)
    return DecodedImage(
      Image(height: height, width: width, channels: colors.isGray ? 1 : 3, pixels: pixels), .tiff,
      orientation: Orientation(rawValue: Int(header.orientation)) ?? .upright, traits: traits)
  }

  private var opaque: UInt8 { header.bits >= 8 ? 255 : UInt8(1 << header.bits - 1) }
}
