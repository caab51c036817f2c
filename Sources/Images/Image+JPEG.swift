import CTurboJPEG

/// Decodes a JPEG file with TurboJPEG and applies its orientation; a warning, such as a premature end, counts as damage.
func decodedJPEG(_ bytes: [UInt8], name: String, pixelLimit: Int) throws(ImageError) -> Image {
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
  if colors == Int32(TJCS_CMYK.rawValue) || colors == Int32(TJCS_YCCK.rawValue) {
    throw ImageError(name, "a CMYK JPEG, expected gray or RGB", action: "convert the image to RGB or leave it out")
  }
  try checkExtents(height: Int(height), width: Int(width), name: name, pixelLimit: pixelLimit)

  let channels = colors == Int32(TJCS_GRAY.rawValue) ? 1 : 3
  let format = Int32(channels == 1 ? TJPF_GRAY.rawValue : TJPF_RGB.rawValue)
  let flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS
  var status: Int32 = 0
  let count = Int(height) * Int(width) * channels
  let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    status = tjDecompress2(decoder, bytes, UInt(bytes.count), buffer.baseAddress, width, 0, height, format, flags)
    initialized = status == 0 ? count : 0
  }
  guard status == 0 else { throw damaged() }
  return Image(height: Int(height), width: Int(width), channels: channels, pixels: pixels)
    .upright(from: Orientation(ofJPEG: bytes))
}
