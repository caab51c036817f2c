/// The colors that the pixels of an image index.
struct Palette {
  /// Red, green and blue of each.
  private let colors: [[UInt8]]

  init(_ colors: [[UInt8]]) { self.colors = colors }

  /// Whether all are gray.
  var isGray: Bool { colors.allSatisfy { $0[0] == $0[1] && $0[1] == $0[2] } }

  /// The image of these indices, gray where all colors are; `nil` if one has no color.
  func image(height: Int, width: Int, indices: [UInt8]) -> Image? {
    guard indices.allSatisfy({ Int($0) < colors.count }) else { return nil }
    let channels = isGray ? 1 : 3
    let pixels = [UInt8](unsafeUninitializedCapacity: indices.count * channels) { buffer, initialized in
      for (i, index) in indices.enumerated() {
        let color = colors[Int(index)]
        for c in 0..<channels { buffer.initializeElement(at: i * channels + c, to: color[c]) }
      }
      initialized = indices.count * channels
    }
    return Image(height: height, width: width, channels: channels, pixels: pixels)
  }
}
