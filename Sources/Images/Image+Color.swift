/// Color changes, bit-for-bit identical with Pillow's `ImageEnhance`.
///
/// Each sample becomes `base + factor · (sample − base)`, truncated and clamped to 0 … 255; a factor of 1 changes nothing.
extension Image {
  /// Changes the brightness: the base is black.
  package func withBrightness(_ factor: Float) -> Image { factor == 1 ? self : blended(factor) { _ in 0 } }

  /// Changes the contrast: the base is the mean of the luma.
  package func withContrast(_ factor: Float) -> Image {
    if factor == 1 { return self }
    let sum = converted(toChannels: 1).pixels.reduce(0) { $0 + Int($1) }
    let mean = UInt8(Double(sum) / Double(height * width) + 0.5)
    return blended(factor) { _ in mean }
  }

  /// Changes the saturation: the base is each pixel's luma; a gray image is unchanged.
  package func withSaturation(_ factor: Float) -> Image {
    if channels == 1 || factor == 1 { return self }
    let luma = converted(toChannels: 1).pixels
    return blended(factor) { luma[$0 / 3] }
  }

  private func blended(_ factor: Float, base: (_ index: Int) -> UInt8) -> Image {
    let changed = pixels.indices.map { index in
      let start = Float(base(index))
      return UInt8(max(0, min(255, start + factor * (Float(pixels[index]) - start))))
    }
    return Image(height: height, width: width, channels: channels, pixels: changed)
  }
}
