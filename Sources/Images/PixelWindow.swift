package import Tensors

/// A rectangle of whole pixels to crop; it may reach beyond the image.
package struct PixelWindow: Sendable, Hashable {
  /// The first row, in pixels from the top of the image; may be negative.
  package var top: Int
  /// The first column, in pixels from the left of the image; may be negative.
  package var left: Int
  /// Height and width, in pixels.
  package var extent: Extent

  /// A window by its first row, its first column and its extent.
  package init(top: Int, left: Int, extent: Extent) { (self.top, self.left, self.extent) = (top, left, extent) }

  /// The window in the center of an image, half pixels rounded to even as in torchvision's `CenterCrop`.
  package init(_ extent: Extent, inMiddleOf whole: Extent) {
    func start(_ whole: Int, _ part: Int) -> Int { Int((Double(whole - part) / 2).rounded(.toNearestOrEven)) }
    self.init(
      top: start(whole.height, extent.height), left: start(whole.width, extent.width), extent: extent)
  }
}

extension Image {
  /// Height and width, in pixels.
  package var extent: Extent { Extent(height: height, width: width) }

  /// Resizes to an extent; see `resized(height:width:)`.
  package func resized(to extent: Extent) -> Image { resized(height: extent.height, width: extent.width) }

  /// Crops to a window; black beyond the image.
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
  /// The extent with the same ratio and a shorter side of `side` pixels; the longer is truncated, as in torchvision.
  package func scaled(toShorter side: Int) -> Extent {
    height < width
      ? Extent(height: side, width: max(1, width * side / height))
      : Extent(height: max(1, height * side / width), width: side)
  }

  /// The extent times a factor, rounded to whole pixels, at least 1.
  package func scaled(by factor: Double) -> Extent {
    Extent(
      height: max(1, Int((Double(height) * factor).rounded())), width: max(1, Int((Double(width) * factor).rounded())))
  }
}
