import CImages

/// Decodes a WebP file with libwebp; of an animation the first frame on its canvas.
func decodedWebP(_ bytes: [UInt8], name: String, pixelLimit: Int) throws(ImageError) -> DecodedImage {
  func damaged(_ reason: String) -> ImageError { ImageError(name, "damaged WebP (\(reason))") }
  guard let chunks = WebPChunks(bytes) else { throw damaged("it ends early") }
  var header = images_webp_header()
  if let failure = withMessage({ images_webp_open(bytes, bytes.count, &header, $0) == 0 }) { throw damaged(failure) }
  let (height, width) = (Int(header.height), Int(header.width))
  try checkExtents(height: height, width: width, name: name, pixelLimit: pixelLimit)

  let isAnimated = header.is_animated != 0
  let stored = isAnimated || header.has_alpha != 0 ? 4 : 3
  var frames: UInt32 = 1
  var failure: String?
  let samples = [UInt8](unsafeUninitializedCapacity: height * width * stored) { buffer, initialized in
    failure = withMessage { message in
      isAnimated
        ? images_webp_decode_first(bytes, bytes.count, buffer.baseAddress, height, width, &frames, message) == 0
        : images_webp_decode(bytes, bytes.count, buffer.baseAddress, height, width, stored, message) == 0
    }
    initialized = failure == nil ? height * width * stored : 0
  }
  if let failure { throw damaged(failure) }
  var traits: [ImageTrait: String] = [:]
  if frames > 1 { traits[.frames] = "\(frames) frames" }
  let (pixels, isOpaque) = stored == 3 ? (samples, true) : withoutAlpha(samples)
  if !isOpaque { traits[.transparency] = "" }
  return DecodedImage(
    Image(height: height, width: width, channels: 3, pixels: pixels), .webp,
    orientation: chunks.exif.flatMap { Orientation(ofEXIF: $0) } ?? .upright, traits: traits)
}

/// The colors of red, green, blue and alpha, and whether all alpha is 255.
func withoutAlpha(_ samples: [UInt8]) -> (pixels: [UInt8], isOpaque: Bool) {
  let count = samples.count / 4
  var isOpaque = true
  let pixels = [UInt8](unsafeUninitializedCapacity: 3 * count) { buffer, initialized in
    for i in 0..<count {
      for channel in 0..<3 { buffer.initializeElement(at: 3 * i + channel, to: samples[4 * i + channel]) }
      if samples[4 * i + 3] != 255 { isOpaque = false }
    }
    initialized = 3 * count
  }
  return (pixels, isOpaque)
}

/// The chunks of a WebP file (RFC 9649), of which libwebp's decoder does not need all.
private struct WebPChunks {
  private(set) var exif: ArraySlice<UInt8>?

  /// `nil` if the file ends before what its header declares.
  init?(_ file: [UInt8]) {
    let bytes = ImageBytes(file)
    guard let declared = bytes.little(4, at: 4), declared + 8 <= bytes.count else { return nil }
    var position = 12
    while position + 8 <= declared + 8, let kind = bytes.slice(4, at: position),
      let length = bytes.little(4, at: position + 4)
    {
      if kind.elementsEqual("EXIF".utf8), exif == nil { exif = bytes.slice(length, at: position + 8) }
      position += 8 + length + length % 2
    }
  }
}
