/// Height and width in pixels.
package struct PixelExtent: Sendable, Hashable {
  package var height: Int
  package var width: Int

  package init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  /// A square.
  package init(side: Int) { (height, width) = (side, side) }

  /// The extent with the same ratio whose shorter side is `side`; the longer one is cut to whole pixels, as in torchvision.
  package func scaled(toShorter side: Int) -> PixelExtent {
    height < width
      ? PixelExtent(height: side, width: max(1, width * side / height))
      : PixelExtent(height: max(1, height * side / width), width: side)
  }

  /// The extent times a factor, in whole pixels.
  package func scaled(by factor: Double) -> PixelExtent {
    PixelExtent(
      height: max(1, Int((Double(height) * factor).rounded())), width: max(1, Int((Double(width) * factor).rounded())))
  }
}

/// A rectangle of whole pixels; it may reach beyond the picture that it is cut from.
package struct PixelWindow: Sendable, Hashable {
  package var top: Int
  package var left: Int
  package var extent: PixelExtent

  package init(top: Int, left: Int, extent: PixelExtent) { (self.top, self.left, self.extent) = (top, left, extent) }

  /// The window in the middle of a picture, half pixels rounded to even as in torchvision.
  package init(_ extent: PixelExtent, inMiddleOf whole: PixelExtent) {
    func start(_ whole: Int, _ part: Int) -> Int { Int((Double(whole - part) / 2).rounded(.toNearestOrEven)) }
    self.init(
      top: start(whole.height, extent.height), left: start(whole.width, extent.width), extent: extent)
  }
}

extension Image {
  package var extent: PixelExtent { PixelExtent(height: height, width: width) }

  /// The picture at another size, as `resized(height:width:)`.
  package func resized(to extent: PixelExtent) -> Image { resized(height: extent.height, width: extent.width) }

  /// The part in a window, black where the window reaches beyond the picture.
  package func cropped(to window: PixelWindow) -> Image {
    let (top, left, extent) = (window.top, window.left, window.extent)
    let columns = max(left, 0)..<max(min(left + extent.width, width), max(left, 0))
    var cropped = [UInt8](repeating: 0, count: extent.height * extent.width * channels)
    if !columns.isEmpty {
      for y in max(top, 0)..<max(min(top + extent.height, height), max(top, 0)) {
        let source = (y * width + columns.lowerBound) * channels
        let target = ((y - top) * extent.width + columns.lowerBound - left) * channels
        let count = columns.count * channels
        cropped.replaceSubrange(target..<target + count, with: pixels[source..<source + count])
      }
    }
    return Image(height: extent.height, width: extent.width, channels: channels, pixels: cropped)
  }
}
