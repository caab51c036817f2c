package import Images
package import Tensors

/// The transform of one image and its boxes before the network, step by step.
package struct ImageTransform: Sendable, Equatable {
  /// 1 or 3; the image's own if nil.
  package var channels: Int?
  /// Whether the image is mirrored left to right.
  package var isMirrored = false
  /// The size that the whole image is scaled to; nil does not scale.
  package var scaled: Extent?
  /// The part that is then cut out, black where it reaches beyond the image.
  package var window: PixelWindow?
  /// The size that the window is scaled to; nil does not scale.
  package var partScaled: Extent?
  /// Factors of brightness, contrast and saturation, applied in this order; 1 changes nothing.
  package var brightness: Float = 1
  /// The factor of contrast; 1 changes nothing.
  package var contrast: Float = 1
  /// The factor of saturation; 1 changes nothing.
  package var saturation: Float = 1

  /// The identity transform.
  package init() {}

  /// The image that the network sees.
  package func image(_ image: Image) -> Image {
    var image = image.converted(toChannels: channels ?? image.channels)
    if isMirrored { image = image.mirrored() }
    if let scaled { image = image.resized(to: scaled) }
    if let window { image = image.cropped(to: window) }
    if let partScaled { image = image.resized(to: partScaled) }
    return image.withBrightness(brightness).withContrast(contrast).withSaturation(saturation)
  }

  /// The extent of the image that the network sees.
  package func extent(of extent: Extent) -> Extent { partScaled ?? window?.extent ?? scaled ?? extent }

  /// The box where the image's transform takes it; `nil` where its center leaves the window.
  ///
  /// Corners are mirrored, multiplied by the scale, shifted, held within the window, and multiplied again.
  package func box(_ box: Box, of extent: Extent) -> Box? {
    var box = box
    if isMirrored {
      let last = Float(extent.width) - 1
      (box.x1, box.x2) = (last - box.x2, last - box.x1)
    }
    if let scaled { box.scale(from: extent, to: scaled) }
    if let window {
      let (right, bottom) = (Float(window.extent.width) - 1, Float(window.extent.height) - 1)
      box.shift(x: -Float(window.left), y: -Float(window.top))
      guard (0...right).contains((box.x1 + box.x2) / 2), (0...bottom).contains((box.y1 + box.y2) / 2) else {
        return nil
      }
      (box.x1, box.x2) = (max(box.x1, 0), min(box.x2, right))
      (box.y1, box.y2) = (max(box.y1, 0), min(box.y2, bottom))
    }
    if let partScaled { box.scale(from: window?.extent ?? scaled ?? extent, to: partScaled) }
    return box
  }
}

extension ImageTransform {
  /// The proposals where the image's transform takes them, without those whose center leaves the window.
  package func proposals(_ proposals: Proposals, of extent: Extent) -> Proposals {
    var result = Proposals()
    for (box, score) in zip(proposals.boxes, proposals.scores) {
      guard let moved = self.box(box, of: extent) else { continue }
      result.boxes.append(moved)
      result.scores.append(score)
    }
    return result
  }

  /// Where a box of the transformed image lies in the image itself; the way back of `box(_:of:)`, without its clipping.
  package func source(of box: Box, in extent: Extent) -> Box {
    var box = box
    if let partScaled { box.scale(from: partScaled, to: window?.extent ?? scaled ?? extent) }
    if let window { box.shift(x: Float(window.left), y: Float(window.top)) }
    if let scaled { box.scale(from: scaled, to: extent) }
    if isMirrored {
      let last = Float(extent.width) - 1
      (box.x1, box.x2) = (last - box.x2, last - box.x1)
    }
    return box
  }
}

extension Box {
  fileprivate mutating func scale(from old: Extent, to new: Extent) {
    let (x, y) = (Float(new.width) / Float(old.width), Float(new.height) / Float(old.height))
    (x1, y1, x2, y2) = (x1 * x, y1 * y, x2 * x, y2 * y)
  }

  fileprivate mutating func shift(x: Float, y: Float) { (x1, y1, x2, y2) = (x1 + x, y1 + y, x2 + x, y2 + y) }
}
