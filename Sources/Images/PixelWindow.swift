package import Tensors

/// A rectangle of whole pixels; it may reach beyond the picture that it is cut from.
package struct PixelWindow: Sendable, Hashable {
  package var top: Int
  package var left: Int
  package var extent: Extent

  package init(top: Int, left: Int, extent: Extent) { (self.top, self.left, self.extent) = (top, left, extent) }

  /// The window in the middle of a picture, half pixels rounded to even as in torchvision.
  package init(_ extent: Extent, inMiddleOf whole: Extent) {
    func start(_ whole: Int, _ part: Int) -> Int { Int((Double(whole - part) / 2).rounded(.toNearestOrEven)) }
    self.init(
      top: start(whole.height, extent.height), left: start(whole.width, extent.width), extent: extent)
  }
}

extension Image {
  package var extent: Extent { Extent(height: height, width: width) }

  /// The picture at another size, as `resized(height:width:)`.
  package func resized(to extent: Extent) -> Image { resized(height: extent.height, width: extent.width) }

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

extension Extent {
  /// The extent with the same ratio whose shorter side is `side`; the longer one is cut to whole pixels, as in torchvision.
  package func scaled(toShorter side: Int) -> Extent {
    height < width
      ? Extent(height: side, width: max(1, width * side / height))
      : Extent(height: max(1, height * side / width), width: side)
  }

  /// The extent times a factor, in whole pixels.
  package func scaled(by factor: Double) -> Extent {
    Extent(
      height: max(1, Int((Double(height) * factor).rounded())), width: max(1, Int((Double(width) * factor).rounded())))
  }
}
