import CTurboJPEG
import Tensors

/// Decodes a JPEG file with TurboJPEG; a warning, such as a premature end, counts as damage.
///
/// CMYK, whose inks are stored inverted as Adobe does, becomes RGB as in Pillow.
func decodedJPEG(
  _ bytes: [UInt8], name: String, pixelLimit: Int, covering: (Extent) -> Extent?
) throws(ImageError) -> DecodedImage {
  guard let decoder = tjInitDecompress() else {
    throw ImageError(name, "cannot initialize TurboJPEG", action: "free some memory and try again")
  }
  defer { tjDestroy(decoder) }
  func damaged() -> ImageError {
    ImageError(name, "damaged JPEG (\(String(cString: tjGetErrorStr2(decoder))))")
  }

  var width: Int32 = 0
  var height: Int32 = 0
  var subsampling: Int32 = 0
  var colors: Int32 = 0
  guard
    tjDecompressHeader3(decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &colors) == 0
  else { throw damaged() }
  guard width > 0, height > 0 else { throw ImageError(name, "damaged JPEG (it ends before its extents)") }
  try checkExtents(height: Int(height), width: Int(width), name: name, pixelLimit: pixelLimit)

  let orientation = Orientation(ofJPEG: bytes)
  let whole = Extent(height: Int(height), width: Int(width))
  let part = whole.least(covering: covering(orientation.upright(whole)).map(orientation.upright))
  let isCMYK = colors == Int32(TJCS_CMYK.rawValue) || colors == Int32(TJCS_YCCK.rawValue)
  let stored = isCMYK ? 4 : colors == Int32(TJCS_GRAY.rawValue) ? 1 : 3
  let format = Int32((isCMYK ? TJPF_CMYK : stored == 1 ? TJPF_GRAY : TJPF_RGB).rawValue)
  let flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS
  var status: Int32 = 0
  let count = part.height * part.width * stored
  let samples = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    status = tjDecompress2(
      decoder, bytes, UInt(bytes.count), buffer.baseAddress, Int32(part.width), 0, Int32(part.height), format, flags)
    initialized = status == 0 ? count : 0
  }
  guard status == 0 else { throw damaged() }
  return DecodedImage(
    Image(
      height: part.height, width: part.width, channels: min(stored, 3),
      pixels: isCMYK ? colorsOfInvertedInks(samples) : samples), .jpeg,
    extent: whole, orientation: orientation, traits: isCMYK ? [.cmyk: ""] : [:])
}

extension Extent {
  /// The least of the whole, 1/2, 1/4 and 1/8 of an image, rounded up, that is no smaller than another extent.
  fileprivate func least(covering wanted: Extent?) -> Extent {
    var least = self
    guard let wanted else { return least }
    for factor in [2, 4, 8] {
      let part = Extent(height: (height + factor - 1) / factor, width: (width + factor - 1) / factor)
      if part.height >= wanted.height && part.width >= wanted.width { least = part }
    }
    return least
  }
}

/// Red, green and blue of cyan, magenta, yellow and black that are stored as 255 minus the ink.
private func colorsOfInvertedInks(_ inks: [UInt8]) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: inks.count / 4 * 3) { buffer, initialized in
    for i in 0..<inks.count / 4 {
      for c in 0..<3 { buffer.initializeElement(at: 3 * i + c, to: ink(255 - inks[4 * i + c], inks[4 * i + 3])) }
    }
    initialized = inks.count / 4 * 3
  }
}
