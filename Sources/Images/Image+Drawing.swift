import CImages
package import Tensors

#if canImport(Glibc)
  import Glibc
#endif

extension Image {
  /// The image as a PNG file.
  package func png() -> [UInt8] {
    var (file, count): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    let pixels = pixels
    let failure = withMessage { message in
      images_png_encode(pixels, height, width, channels, &file, &count, message) == 0
    }
    // It can only fail for want of memory.
    guard failure == nil, let file else { preconditionFailure("Image.png: \(failure ?? "")") }
    defer { free(file) }
    return Array(UnsafeBufferPointer(start: file, count: count))
  }

  /// The image, which is in color, with the frame of a box, two pixels wide, drawn inward; parts outside are left out.
  ///
  /// - Parameter color: red, green and blue.
  package func framed(_ box: Box, _ color: [UInt8]) -> Image {
    precondition(channels == 3 && color.count == 3, "Image.framed: \(channels) channels, color \(color)")
    func place(_ edge: Float, _ limit: Int) -> Int { Int(min(max(edge.rounded(), -4), Float(limit) + 4)) }
    let (left, right) = (place(box.x1, width), place(box.x2, width))
    let (top, bottom) = (place(box.y1, height), place(box.y2, height))
    var pixels = pixels
    for y in max(top, 0)..<max(min(bottom + 1, height), max(top, 0)) {
      for x in max(left, 0)..<max(min(right + 1, width), max(left, 0))
      where y < top + 2 || y > bottom - 2 || x < left + 2 || x > right - 2 {
        for channel in 0..<3 { pixels[3 * (y * width + x) + channel] = color[channel] }
      }
    }
    return Image(height: height, width: width, channels: 3, pixels: pixels)
  }
}
