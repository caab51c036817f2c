extension Image {
  /// The picture at another size: bilinear with half-pixel centres, antialiased when shrinking.
  ///
  /// The filter is a triangle as wide as a pixel of the smaller picture; first along the rows, then along the columns,
  /// each in 22-bit fixed point and rounded to 8 bits. Equal to Pillow's `Image.BILINEAR` bit for bit.
  package func resized(height newHeight: Int, width newWidth: Int) -> Image {
    precondition(newHeight > 0 && newWidth > 0, "Image.resized: \(newHeight) x \(newWidth) pixels")
    let rows = newWidth == width ? self : widened(to: newWidth)
    return newHeight == height ? rows : rows.heightened(to: newHeight)
  }

  private func widened(to newWidth: Int) -> Image {
    let taps = Taps(from: width, to: newWidth)
    let (height, width, channels) = (height, width, channels)
    return image(height: height, width: newWidth) { source, target in
      for y in 0..<height {
        let row = source + y * width * channels
        for x in 0..<newWidth {
          let (first, weights) = taps[x]
          for channel in 0..<channels {
            var sum = Taps.half
            for (k, weight) in weights.enumerated() {
              sum &+= weight &* Int32(row[(first + k) * channels + channel])
            }
            target[(y * newWidth + x) * channels + channel] = Taps.sample(sum)
          }
        }
      }
    }
  }

  private func heightened(to newHeight: Int) -> Image {
    let taps = Taps(from: height, to: newHeight)
    let stride = width * channels
    return image(height: newHeight, width: width) { source, target in
      var sums = [Int32](repeating: 0, count: stride)
      for y in 0..<newHeight {
        let (first, weights) = taps[y]
        for i in 0..<stride { sums[i] = Taps.half }
        for (k, weight) in weights.enumerated() {
          let row = source + (first + k) * stride
          for i in 0..<stride { sums[i] &+= weight &* Int32(row[i]) }
        }
        for i in 0..<stride { target[y * stride + i] = Taps.sample(sums[i]) }
      }
    }
  }

  private func image(
    height: Int, width: Int, filledBy fill: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void
  ) -> Image {
    let count = height * width * channels
    let samples = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
      pixels.withUnsafeBufferPointer { source in
        if let from = source.baseAddress, let to = target.baseAddress { fill(from, to) }
      }
      initialized = count
    }
    return Image(height: height, width: width, channels: channels, pixels: samples)
  }
}

/// For each pixel of a line after resizing, the pixels before it that count and their weights in fixed point.
private struct Taps {
  static let bits = 22
  static let half = Int32(1) << (bits - 1)

  private var starts: [Int] = []
  private var weights: [[Int32]] = []

  init(from before: Int, to after: Int) {
    let scale = Double(before) / Double(after)
    let reach = max(scale, 1)
    for position in 0..<after {
      let center = (Double(position) + 0.5) * scale
      let start = max(0, Int(center - reach + 0.5))
      let end = min(before, Int(center + reach + 0.5))
      let triangle = (start..<end).map { max(0, 1 - abs((Double($0) + 0.5 - center) / reach)) }
      let sum = triangle.reduce(0, +)
      starts.append(start)
      weights.append(triangle.map { Int32(($0 / sum * Double(1 << Self.bits)).rounded()) })
    }
  }

  subscript(position: Int) -> (start: Int, weights: [Int32]) { (starts[position], weights[position]) }

  /// The 8-bit sample of a sum that began at `half`.
  static func sample(_ sum: Int32) -> UInt8 { UInt8(clamping: sum >> Int32(bits)) }
}
