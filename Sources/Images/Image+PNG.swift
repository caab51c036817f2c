import CPNG

let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

/// Decodes a PNG file with libpng's simplified interface; expands palettes and reduces 16 bits to 8.
func decodedPNG(_ bytes: [UInt8], name: String, pixelLimit: Int) throws(ImageError) -> Image {
  guard hasWholePNGChunks(bytes) else { throw ImageError(name, "damaged PNG (it ends before its last chunk)") }
  var reader = png_image()
  reader.version = png_uint_32(PNG_IMAGE_VERSION)
  defer { png_image_free(&reader) }
  guard png_image_begin_read_from_memory(&reader, bytes, bytes.count) != 0 else {
    throw ImageError(name, "damaged PNG (\(message(of: reader)))")
  }
  let height = Int(reader.height)
  let width = Int(reader.width)
  try checkExtents(height: height, width: width, name: name, pixelLimit: pixelLimit)

  // Samples of 16-bit files are gamma-encoded like those of 8-bit files, not linear.
  reader.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
  let hasColor = reader.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
  let hasAlpha = reader.format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0
  let channels = hasColor ? 3 : 1
  // Read with alpha and drop it afterwards: the colors stay as stored.
  reader.format = (hasColor ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0) | (hasAlpha ? UInt32(PNG_FORMAT_FLAG_ALPHA) : 0)
  let stored = channels + (hasAlpha ? 1 : 0)
  var status: Int32 = 0
  let count = height * width * stored
  let samples = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
    status = png_image_finish_read(&reader, nil, buffer.baseAddress, 0, nil)
    initialized = status != 0 ? count : 0
  }
  guard status != 0 else { throw ImageError(name, "damaged PNG (\(message(of: reader)))") }
  return Image(
    height: height, width: width, channels: channels,
    pixels: hasAlpha ? samples.indices.compactMap { $0 % stored == channels ? nil : samples[$0] } : samples)
}

/// Whether the file contains all chunks up to IEND; the decoder stops earlier and does not check.
private func hasWholePNGChunks(_ bytes: [UInt8]) -> Bool {
  var position = pngSignature.count
  while position + 12 <= bytes.count {
    let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    let isLast = bytes[position + 4..<position + 8].elementsEqual("IEND".utf8)
    position += 12 + length
    if isLast { return position <= bytes.count }
  }
  return false
}

private func message(of reader: png_image) -> String {
  withUnsafeBytes(of: reader.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
