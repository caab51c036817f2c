internal import Images
package import Tensors

/// A deterministic resize: the shorter side is scaled, then the center cropped.
package struct ImageResizing: Codable, Sendable, Equatable {
  /// Pixels of the shorter side, the aspect ratio kept; nil keeps the size.
  package var shorter: Int?
  /// Side length in pixels of the square center crop; nil crops nothing.
  package var crop: Int?

  /// A resizing by the shorter side and the center crop, both in pixels; nil omits the step.
  package init(shorter: Int? = nil, crop: Int? = nil) { (self.shorter, self.crop) = (shorter, crop) }

  /// Why these numbers are invalid; nil if they are valid.
  package var problem: String? {
    let sides = 1...16_384
    if !sides.contains(shorter ?? 1) { return "shorter is \(shorter ?? 0); expected 1 to 16384 pixels" }
    if !sides.contains(crop ?? 1) { return "crop is \(crop ?? 0); expected 1 to 16384 pixels" }
    if let shorter, let crop, crop > shorter {
      return "crop is \(crop) and shorter \(shorter); expected a crop that fits into the shorter side"
    }
    return nil
  }

  /// The extent before the crop.
  package func scaled(_ extent: Extent) -> Extent { shorter.map { extent.scaled(toShorter: $0) } ?? extent }

  /// The transform of an image.
  package func transform(of extent: Extent) -> ImageTransform {
    var transform = ImageTransform()
    let whole = scaled(extent)
    if whole != extent { transform.scaled = whole }
    if let crop { transform.window = PixelWindow(Extent(side: crop), inMiddleOf: whole) }
    return transform
  }
}
