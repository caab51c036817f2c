/// Changes of color as Pillow's `ImageEnhance` makes them, bit for bit: `from + factor · (sample − from)`, cut to whole
/// samples of 0 … 255; a factor of 1 changes nothing.
extension Image {
  /// Blended with black.
  package func withBrightness(_ factor: Float) -> Image { factor == 1 ? self : blended(factor) { _ in 0 } }

  /// Blended with the mean of its luma.
  package func withContrast(_ factor: Float) -> Image {
    if factor == 1 { return self }
    let sum = converted(toChannels: 1).pixels.reduce(0) { $0 + Int($1) }
    let mean = UInt8(Double(sum) / Double(height * width) + 0.5)
    return blended(factor) { _ in mean }
  }

  /// Blended with its own luma; a gray picture stays as it is.
  package func withSaturation(_ factor: Float) -> Image {
    if channels == 1 || factor == 1 { return self }
    let luma = converted(toChannels: 1).pixels
    return blended(factor) { luma[$0 / 3] }
  }

  private func blended(_ factor: Float, from: (_ position: Int) -> UInt8) -> Image {
    let changed = pixels.indices.map { position in
      let start = Float(from(position))
      return UInt8(max(0, min(255, start + factor * (Float(pixels[position]) - start))))
    }
    return Image(height: height, width: width, channels: channels, pixels: changed)
  }
}
