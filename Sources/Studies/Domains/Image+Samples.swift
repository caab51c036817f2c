internal import Images

#if canImport(Glibc)
  internal import Glibc
#endif

/// A sample of an image.
struct SamplePlace {
  var row: Int
  var column: Int
  var channel: Int
}

extension Image {
  /// A sample; beyond the border the nearest within.
  func value(_ row: Int, _ column: Int, _ channel: Int) -> Double {
    let row = min(max(row, 0), height - 1)
    let column = min(max(column, 0), width - 1)
    return Double(pixels[(row * width + column) * channels + channel])
  }

  /// A value between samples, bilinear; 0 beyond the border.
  func interpolated(_ row: Double, _ column: Double, _ channel: Int) -> Double {
    guard row > -1, column > -1, row < Double(height), column < Double(width) else { return 0 }
    func sample(_ row: Int, _ column: Int) -> Double {
      (0..<height).contains(row) && (0..<width).contains(column) ? value(row, column, channel) : 0
    }
    let (top, left) = (Int(row.rounded(.down)), Int(column.rounded(.down)))
    let (down, right) = (row - Double(top), column - Double(left))
    let upper = sample(top, left) * (1 - right) + sample(top, left + 1) * right
    let lower = sample(top + 1, left) * (1 - right) + sample(top + 1, left + 1) * right
    return upper * (1 - down) + lower * down
  }

  /// An image of the same size with new samples, rounded and clamped to 0 … 255.
  func mapped(_ change: (SamplePlace, Double) -> Double) -> Image {
    var changed: [UInt8] = []
    changed.reserveCapacity(pixels.count)
    for row in 0..<height {
      for column in 0..<width {
        for channel in 0..<channels {
          let place = SamplePlace(row: row, column: column, channel: channel)
          changed.append(UInt8(min(max(change(place, value(row, column, channel)), 0), 255).rounded()))
        }
      }
    }
    return Image(height: height, width: width, channels: channels, pixels: changed)
  }
}

extension Double {
  var sine: Double { sin(self) }
  var cosine: Double { cos(self) }
}
