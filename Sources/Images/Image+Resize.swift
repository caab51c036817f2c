extension Image {
  /// Resizes to `[newHeight, newWidth]` pixels: bilinear with half-pixel centers, antialiased when shrinking.
  ///
  /// A triangle filter as wide as a pixel of the smaller image, first along the rows, then along the columns, in 22-bit
  /// fixed point and rounded to 8 bits each time. Bit-for-bit identical with Pillow's `Image.BILINEAR`.
  package func resized(height newHeight: Int, width newWidth: Int) -> Image {
    precondition(newHeight > 0 && newWidth > 0, "Image.resized: \(newHeight) x \(newWidth) pixels")
    let rows = newWidth == width ? self : resizedHorizontally(to: newWidth)
    return newHeight == height ? rows : rows.resizedVertically(to: newHeight)
  }

  private func resizedHorizontally(to newWidth: Int) -> Image {
    let taps = Taps(from: width, to: newWidth)
    let (height, width, channels) = (height, width, channels)
    return image(height: height, width: newWidth) { source, target in
      for y in 0..<height {
        let (row, newRow) = (source + y * width * channels, target + y * newWidth * channels)
        taps.forEach { x, first, weights in
          let (from, to) = (row + first * channels, newRow + x * channels)
          for channel in 0..<channels {
            var sum = Taps.half
            for k in 0..<taps.count { sum &+= weights[k] &* Int32(from[k &* channels &+ channel]) }
            to[channel] = Taps.sample(sum)
          }
        }
      }
    }
  }

  private func resizedVertically(to newHeight: Int) -> Image {
    let taps = Taps(from: height, to: newHeight)
    let stride = width * channels
    return image(height: newHeight, width: width) { source, target in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { sums in
        guard let sums = sums.baseAddress else { return }
        taps.forEach { y, first, weights in
          sums.initialize(repeating: Taps.half, count: stride)
          for k in 0..<taps.count {
            let (row, weight) = (source + (first + k) * stride, weights[k])
            for i in 0..<stride { sums[i] &+= weight &* Int32(row[i]) }
          }
          let to = target + y * stride
          for i in 0..<stride { to[i] = Taps.sample(sums[i]) }
        }
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

/// The filter of a line: for each output pixel the input pixels and their weights in fixed point.
private struct Taps {
  static let bits = 22
  static let half = Int32(1) << (bits - 1)

  /// Input pixels per output pixel, the same number everywhere; some have weight 0.
  let count: Int
  private let starts: [Int]
  private let weights: [Int32]

  init(from before: Int, to after: Int) {
    let scale = Double(before) / Double(after)
    let reach = max(scale, 1)
    let centers = (0..<after).map { (Double($0) + 0.5) * scale }
    let ranges = centers.map { max(0, Int($0 - reach + 0.5))..<min(before, Int($0 + reach + 0.5)) }
    let count = ranges.reduce(0) { max($0, $1.count) }
    var weights = [Int32](repeating: 0, count: after * count)
    starts = ranges.map { min($0.lowerBound, before - count) }
    for (position, range) in ranges.enumerated() {
      func triangle(_ pixel: Int) -> Double { max(0, 1 - abs((Double(pixel) + 0.5 - centers[position]) / reach)) }
      let sum = range.reduce(0) { $0 + triangle($1) }
      let shift = position * count - starts[position]
      for pixel in range { weights[shift + pixel] = Int32((triangle(pixel) / sum * Double(1 << Self.bits)).rounded()) }
    }
    (self.count, self.weights) = (count, weights)
  }

  /// Calls `body` for every output pixel with its first input pixel and `count` weights.
  func forEach(_ body: (_ position: Int, _ first: Int, _ weights: UnsafePointer<Int32>) -> Void) {
    weights.withUnsafeBufferPointer { weights in
      guard let base = weights.baseAddress else { return }
      for (position, first) in starts.enumerated() { body(position, first, base + position * count) }
    }
  }

  /// The 8-bit sample of a sum that started at `half`.
  static func sample(_ sum: Int32) -> UInt8 { UInt8(clamping: sum >> Int32(bits)) }
}
