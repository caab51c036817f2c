/// Decodes a BMP file: 1, 2, 4, 8 (also run-length encoded), 16, 24 and 32 bits per pixel, from the bottom or the top row.
///
/// Values of fewer than 8 bits are scaled by 255 / their greatest, rounded down as in Pillow. The fourth byte of 32 bits is
/// alpha only where a mask says so.
func decodedBMP(_ bytes: [UInt8], name: String, pixelLimit: Int) throws(ImageError) -> DecodedImage {
  let file = ImageBytes(bytes)
  guard let header = BMPHeader(file) else { throw ImageError(name, "damaged BMP (its header ends early)") }
  if let problem = header.problem {
    throw ImageError(name, problem, action: "convert the image or leave it out")
  }
  try checkExtents(height: header.height, width: header.width, name: name, pixelLimit: pixelLimit)
  let damaged = ImageError(name, "damaged BMP (its pixels end early or index colors that it does not have)")
  if header.bits > 8 {
    guard let image = header.colors(in: file) else { throw damaged }
    return image
  }
  let indices = header.isRunLength ? BMPRuns(file, header).indices() : header.indices(in: file)
  guard let indices, let palette = header.palette(in: file),
    let image = palette.image(height: header.height, width: header.width, indices: indices)
  else { throw damaged }
  return DecodedImage(image, .bmp)
}

/// The header of a BMP file (Windows 2 to 5 and OS/2).
struct BMPHeader {
  let width: Int
  let height: Int
  let bits: Int
  let start: Int
  let isFromTop: Bool
  private let size: Int
  private let compression: Int
  private let colorCount: Int
  /// Masks of red, green, blue and alpha.
  private let masks: [Int]

  init?(_ file: ImageBytes) {
    guard let start = file.little(4, at: 10), let size = file.little(4, at: 14), file.slice(size, at: 14) != nil else {
      return nil
    }
    (self.start, self.size) = (start, size)
    let isOld = size == 12
    guard let width = file.little(isOld ? 2 : 4, at: 18), let height = file.little(isOld ? 2 : 4, at: isOld ? 20 : 22),
      let bits = file.little(2, at: isOld ? 24 : 28)
    else { return nil }
    let signed = isOld ? height : Int(Int32(truncatingIfNeeded: height))
    (self.width, self.height, self.bits) = (isOld ? width : Int(Int32(truncatingIfNeeded: width)), abs(signed), bits)
    isFromTop = signed < 0
    // A header of 16 bytes has neither.
    compression = size >= 40 ? file.little(4, at: 30) ?? 0 : 0
    let declared = size >= 40 ? file.little(4, at: 46) ?? 0 : 0
    colorCount = declared == 0 || declared > 256 ? 1 << min(bits, 8) : declared
    switch (compression, bits) {
    case (3, _):
      guard let colors = file.slice(12, at: 54) else { return nil }
      let alpha = size >= 56 ? file.little(4, at: 66) ?? 0 : 0
      masks = stride(from: colors.startIndex, to: colors.endIndex, by: 4).map { file.little(4, at: $0) ?? 0 } + [alpha]
    case (_, 16): masks = [0x7C00, 0x3E0, 0x1F, 0]
    default: masks = [0xFF0000, 0xFF00, 0xFF, 0]
    }
  }

  var isRunLength: Bool { compression == 1 || compression == 2 }

  /// Why it cannot be read; nil if it can.
  var problem: String? {
    let known = [0: [1, 2, 4, 8, 16, 24, 32], 1: [8], 2: [4], 3: [16, 24, 32]]
    guard let depths = known[compression], depths.contains(bits), !(isRunLength && isFromTop) else {
      return "a BMP file of \(bits) bits per pixel and compression \(compression), expected 1 to 32 bits, run lengths "
        + "or masks"
    }
    // A mask is one group of bits; all zero means the usual ones.
    let areGroups =
      compression != 3
      || masks.allSatisfy { mask in
        mask == 0 || (mask >> mask.trailingZeroBitCount + 1).nonzeroBitCount <= 1 && mask < 1 << bits
      }
    return areGroups ? nil : "a BMP file whose color masks have gaps, expected one group of bits each"
  }

  /// The colors before the pixels; bytes may lie between.
  func palette(in file: ImageBytes) -> Palette? {
    let entry = size == 12 ? 3 : 4
    let available = max(0, start - 14 - size) / entry
    let count = size == 12 ? min(colorCount, available) : colorCount
    guard let bytes = file.slice(count * entry, at: 14 + size) else { return nil }
    return Palette(
      stride(from: bytes.startIndex, to: bytes.endIndex, by: entry).map { [bytes[$0 + 2], bytes[$0 + 1], bytes[$0]] })
  }

  /// The bytes of each row from the top.
  private func rows(in file: ImageBytes) -> [ArraySlice<UInt8>]? {
    let needed = (width * bits + 7) / 8
    let step = (width * bits + 31) / 32 * 4
    var rows: [ArraySlice<UInt8>] = []
    rows.reserveCapacity(min(height, file.count))
    for y in 0..<height {
      guard let row = file.slice(needed, at: start + (isFromTop ? y : height - 1 - y) * step) else { return nil }
      rows.append(row)
    }
    return rows
  }

  fileprivate func indices(in file: ImageBytes) -> [UInt8]? {
    guard let rows = rows(in: file) else { return nil }
    var indices: [UInt8] = []
    indices.reserveCapacity(height * width)
    for row in rows {
      for x in 0..<width {
        let bit = x * bits
        indices.append(row[row.startIndex + bit / 8] >> UInt8(8 - bits - bit % 8) & UInt8(1 << bits - 1))
      }
    }
    return indices
  }

  /// Pixels of 16, 24 or 32 bits.
  fileprivate func colors(in file: ImageBytes) -> DecodedImage? {
    guard let rows = rows(in: file) else { return nil }
    let masks = masks.allSatisfy { $0 == 0 } ? [0xFF0000, 0xFF00, 0xFF, 0xFF00_0000] : masks
    let shifts = masks.map { $0 == 0 ? 0 : $0.trailingZeroBitCount }
    let greatest = zip(masks, shifts).map { $0 >> $1 }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * height * width)
    var isOpaque = true
    for row in rows {
      var place = row.startIndex
      for _ in 0..<width {
        var value = 0
        for k in 0..<bits / 8 { value |= Int(row[place + k]) << (8 * k) }
        place += bits / 8
        for c in 0..<3 {
          pixels.append(greatest[c] == 0 ? 0 : UInt8((value & masks[c]) >> shifts[c] * 255 / greatest[c]))
        }
        if value & masks[3] != masks[3] { isOpaque = false }
      }
    }
    return DecodedImage(
      Image(height: height, width: width, channels: 3, pixels: pixels), .bmp,
      traits: isOpaque ? [:] : [.transparency: ""])
  }
}
