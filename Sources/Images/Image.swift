/// An image of 8-bit samples, gray or RGB, in rows from the top: `[height, width, channels]`.
package struct Image: Sendable, Equatable {
  /// In pixels.
  package let height: Int
  /// In pixels.
  package let width: Int
  /// 1 (gray) or 3 (red, green, blue).
  package let channels: Int
  /// The samples, `[height, width, channels]` in row-major order.
  package let pixels: [UInt8]

  /// The default limit of decoding: 100 megapixels.
  package static let defaultPixelLimit = 100_000_000

  /// An image of these samples; traps unless they match the extent.
  package init(height: Int, width: Int, channels: Int, pixels: [UInt8]) {
    precondition(height > 0 && width > 0, "Image: \(height) x \(width) pixels")
    precondition(channels == 1 || channels == 3, "Image: \(channels) channels, not 1 or 3")
    precondition(
      pixels.count == height * width * channels, "Image: \(pixels.count) samples for \(height) x \(width) x \(channels)"
    )
    self.height = height
    self.width = width
    self.channels = channels
    self.pixels = pixels
  }

  /// The pixels of an image file; see `DecodedImage`.
  ///
  /// - Throws: `ImageError` as `DecodedImage` does.
  package init(decoding bytes: [UInt8], name: String, pixelLimit: Int = Image.defaultPixelLimit) throws(ImageError) {
    self = try DecodedImage(bytes, name: name, pixelLimit: pixelLimit).image
  }

  /// The image with 1 or 3 channels: the luma of ITU-R BT.601 as in Pillow, or gray three times.
  package func converted(toChannels wanted: Int) -> Image {
    precondition(wanted == 1 || wanted == 3, "Image.converted: \(wanted) channels, not 1 or 3")
    if wanted == channels { return self }
    let count = height * width
    let converted = [UInt8](unsafeUninitializedCapacity: count * wanted) { buffer, initialized in
      pixels.withUnsafeBufferPointer { pixels in
        guard let from = pixels.baseAddress, let to = buffer.baseAddress else { return }
        if wanted == 3 {
          for i in 0..<count { (to[3 &* i], to[3 &* i &+ 1], to[3 &* i &+ 2]) = (from[i], from[i], from[i]) }
        } else {
          for i in 0..<count {
            let (red, green, blue) = (UInt32(from[3 &* i]), UInt32(from[3 &* i &+ 1]), UInt32(from[3 &* i &+ 2]))
            // 0.299, 0.587 and 0.114 in 16 bits, rounded.
            to[i] = UInt8(truncatingIfNeeded: (19595 &* red &+ 38470 &* green &+ 7471 &* blue &+ 32768) >> 16)
          }
        }
      }
      initialized = count * wanted
    }
    return Image(height: height, width: width, channels: wanted, pixels: converted)
  }
}

/// Checks the extent that a file declares before memory for it is allocated.
func checkExtents(height: Int, width: Int, name: String, pixelLimit: Int) throws(ImageError) {
  let (count, overflow) = height.multipliedReportingOverflow(by: width)
  guard height > 0, width > 0, !overflow, count <= pixelLimit else {
    throw ImageError(
      name, "declares \(width) x \(height) pixels, the limit is \(pixelLimit) pixels in total",
      action: "shrink the image or leave it out")
  }
}
