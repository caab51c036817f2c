/// The run-length encoded pixels of a BMP file, of 4 or 8 bits, from the bottom row.
struct BMPRuns {
  private let file: ImageBytes
  private let header: BMPHeader

  init(_ file: ImageBytes, _ header: BMPHeader) { (self.file, self.header) = (file, header) }

  /// The index of each pixel from the top, 0 where none is stored; `nil` if they end early or leave the image.
  func indices() -> [UInt8]? {
    let (height, width, isHalf) = (header.height, header.width, header.bits == 4)
    var indices = [UInt8](repeating: 0, count: height * width)
    var (x, y, place) = (0, 0, header.start)
    /// Puts a pixel; what follows the end of a row is padding.
    func put(_ value: UInt8) {
      if x < width { indices[(height - 1 - y) * width + x] = value }
      x += 1
    }
    while let count = file.little(1, at: place), let value = file.little(1, at: place + 1) {
      place += 2
      guard y < height || count == 0 && value <= 1 else { return nil }
      switch (count, value) {
      case (0, 0): (x, y) = (0, y + 1)
      case (0, 1): return indices
      case (0, 2):
        guard let right = file.little(1, at: place), let up = file.little(1, at: place + 1) else { return nil }
        (x, y, place) = (x + right, y + up, place + 2)
      case (0, let pixels):
        let bytes = isHalf ? (pixels + 1) / 2 : pixels
        guard let values = file.slice(bytes, at: place) else { return nil }
        for k in 0..<pixels {
          put(isHalf ? values[values.startIndex + k / 2] >> (k % 2 == 0 ? 4 : 0) & 15 : values[values.startIndex + k])
        }
        // Runs begin at even places.
        place += bytes + bytes % 2
      default:
        for k in 0..<count { put(UInt8(isHalf ? value >> (k % 2 == 0 ? 4 : 0) & 15 : value)) }
      }
    }
    // Some writers leave out the mark of the end.
    return y >= height || y == height - 1 && x >= width ? indices : nil
  }
}
