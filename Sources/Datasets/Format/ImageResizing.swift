internal import Images
package import Tensors

/// A deterministic resize: the shorter side is scaled, then the center cropped.
package struct ImageResizing: Codable, Sendable, Equatable {
  /// Pixels of the shorter side, the aspect ratio kept; nil keeps the size.
  package var shorter: Int?
  /// Pixels of both sides, the aspect ratio not kept, as Caffe's tools warp images; nil keeps the size.
  package var square: Int?
  /// Side length in pixels of the square center crop; nil crops nothing.
  package var crop: Int?

  /// A resizing by the shorter side or to a square, and the center crop, all in pixels; nil omits the step.
  package init(shorter: Int? = nil, square: Int? = nil, crop: Int? = nil) {
    (self.shorter, self.square, self.crop) = (shorter, square, crop)
  }

  /// Itself, or nil if it leaves images as they are.
  package var ifAny: ImageResizing? { self == ImageResizing() ? nil : self }

  /// Why these numbers are invalid; nil if they are valid.
  package var problem: String? {
    let sides = 1...16_384
    if !sides.contains(shorter ?? 1) { return "shorter is \(shorter ?? 0); expected 1 to 16384 pixels" }
    if !sides.contains(square ?? 1) { return "square is \(square ?? 0); expected 1 to 16384 pixels" }
    if shorter != nil, square != nil { return "shorter and square are both given; expected one of them" }
    if !sides.contains(crop ?? 1) { return "crop is \(crop ?? 0); expected 1 to 16384 pixels" }
    if let side = shorter ?? square, let crop, crop > side {
      return
        "crop is \(crop) and \(square == nil ? "shorter" : "square") \(side); expected a crop that fits into that side"
    }
    return nil
  }

  /// The extent before the crop.
  package func scaled(_ extent: Extent) -> Extent {
    if let square { return Extent(height: square, width: square) }
    return shorter.map { extent.scaled(toShorter: $0) } ?? extent
  }

  /// The transform of an image.
  package func transform(of extent: Extent) -> ImageTransform {
    var transform = ImageTransform()
    let whole = scaled(extent)
    if whole != extent { transform.scaled = whole }
    if let crop { transform.window = PixelWindow(Extent(side: crop), inMiddleOf: whole) }
    return transform
  }
}
