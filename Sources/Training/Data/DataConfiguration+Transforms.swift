package import Datasets
internal import Foundation
internal import Images
package import Tensors

/// The transforms of images: by chance in training, fixed in evaluation.
extension DataConfiguration {
  /// The transform of an image in evaluation.
  package func evaluationTransform(of extent: Extent) -> ImageTransform {
    var transform = resize?.transform(of: extent) ?? ImageTransform()
    transform.channels = channels
    if let side = evaluationSize { transform.scalePart(to: Extent(side: side), of: extent) }
    return transform
  }

  /// The transform of an image in an epoch of training: a function of seed, epoch, image and repetition.
  ///
  /// - Parameters:
  ///   - boxes: of the image's regions; a crop keeps the center of at least one of them.
  ///   - repetition: how often the image came before in the epoch.
  package func trainingTransform(
    of extent: Extent, boxes: [Box?], seed: UInt64, epoch: Int, image: Int, repetition: Int = 0
  ) -> ImageTransform {
    func stream(_ name: String) -> RandomStream {
      let (key, epoch, image) = (RandomStream.key(name), UInt64(epoch), UInt64(image))
      return repetition == 0
        ? RandomStream(seed: seed, keys: key, epoch, image)
        : RandomStream(seed: seed, keys: key, epoch, image, UInt64(repetition))
    }
    var side: Int?
    if !sizes.isEmpty {
      var size = stream("size")
      side = sizes[size.integer(below: sizes.count)]
    }
    var transform = ImageTransform()
    if let augment {
      var stream = stream("augment")
      transform = augment.transform(of: extent, boxes: boxes, resize: resize ?? ImageResizing(), drawing: &stream)
    } else if let resize {
      transform = resize.transform(of: extent)
    }
    transform.channels = channels
    if let side = side ?? (augment?.crop?.scale == nil ? nil : resize?.crop) {
      transform.scalePart(to: Extent(side: side), of: extent)
    }
    return transform
  }

  /// The extent that an image is enough at, to be decoded at a part of its size; nil for every pixel.
  package func covering(_ transform: ImageTransform) -> Extent? { scaledDecoding ? transform.scaled : nil }

  /// The training transforms, without a random crop, that keep the smallest part of an image.
  func closestTransforms(of extent: Extent) -> [ImageTransform] {
    let resize = resize ?? ImageResizing()
    let whole = resize.scaled(extent)
    let (least, most) = (whole.scaled(by: augment?.scale?[0] ?? 1), whole.scaled(by: augment?.scale?[1] ?? 1))
    // The middle is rounded to even, so that of four sizes the largest need not leave the least.
    let sizes = Set(
      (0..<4).map {
        Extent(height: max(most.height - $0, least.height), width: max(most.width - $0, least.width))
      })
    return sizes.flatMap { scaled in
      (augment?.flip == true ? [false, true] : [false]).map { isMirrored in
        var transform = ImageTransform()
        transform.isMirrored = isMirrored
        transform.scaled = scaled
        transform.window = resize.crop.map { PixelWindow(Extent(side: $0), inMiddleOf: scaled) }
        return transform
      }
    }
  }

  /// Whether all images of these extents have one extent in training.
  func hasOneTrainingExtent(of extents: Set<Extent>) -> Bool {
    if !sizes.isEmpty { return Set(sizes).count == 1 }
    if resize?.crop != nil { return true }
    return augment?.scale == nil && Set(extents.map { resize?.scaled($0) ?? $0 }).count == 1
  }

  /// The smallest extents that an image may have in training.
  func smallestTrainingExtents(of extent: Extent) -> [Extent] {
    if !sizes.isEmpty { return sizes.map { Extent(side: $0) } }
    if let crop = resize?.crop { return [Extent(side: crop)] }
    return [(resize?.scaled(extent) ?? extent).scaled(by: augment?.scale?[0] ?? 1)]
  }
}

extension Augmentation {
  /// What is drawn for an image; a crop that is a part of it still has to be scaled.
  fileprivate func transform(
    of extent: Extent, boxes: [Box?], resize: ImageResizing, drawing stream: inout RandomStream
  ) -> ImageTransform {
    var transform = ImageTransform()
    if flip { transform.isMirrored = stream.integer(below: 2) == 1 }
    if let jitter {
      transform.brightness = stream.factor(jitter.brightness)
      transform.contrast = stream.factor(jitter.contrast)
      transform.saturation = stream.factor(jitter.saturation)
    }
    let isPart = crop?.scale != nil
    var whole = isPart ? extent : resize.scaled(extent)
    if let scale { whole = whole.scaled(by: stream.number(from: scale[0], to: scale[1])) }
    if whole != extent { transform.scaled = whole }
    guard let crop else {
      if let side = resize.crop { transform.window = PixelWindow(Extent(side: side), inMiddleOf: whole) }
      return transform
    }
    for _ in 0..<10 {
      transform.window =
        isPart
        ? crop.part(of: whole, drawing: &stream)
        : crop.window(resize.crop.map { Extent(side: $0) } ?? whole, in: whole, drawing: &stream)
      if transform.window != nil, boxes.isEmpty || boxes.contains(where: { transform.keeps($0, of: extent) }) {
        return transform
      }
    }
    let size = isPart ? crop.largestPart(of: whole) : resize.crop.map { Extent(side: $0) } ?? whole
    var window = PixelWindow(size, inMiddleOf: whole)
    transform.window = nil
    if let first = boxes.compactMap({ $0 }).first, let box = transform.box(first, of: extent) {
      window.top = Int((box.y1 + box.y2) / 2) - size.height / 2
      window.left = Int((box.x1 + box.x2) / 2) - size.width / 2
    }
    transform.window = window
    return transform
  }
}

extension RandomCrop {
  /// A window of a size at a random place; one that is larger than image and padding contains them at random.
  fileprivate func window(
    _ size: Extent, in whole: Extent, drawing stream: inout RandomStream
  ) -> PixelWindow {
    func start(_ part: Int, _ whole: Int) -> Int {
      let (first, last) = (-padding, whole + padding - part)
      return min(first, last) + stream.integer(below: abs(last - first) + 1)
    }
    return PixelWindow(top: start(size.height, whole.height), left: start(size.width, whole.width), extent: size)
  }

  /// A part of an image with a random area and ratio at a random place; `nil` if it does not fit.
  fileprivate func part(of whole: Extent, drawing stream: inout RandomStream) -> PixelWindow? {
    let scale = scale ?? [1, 1]
    let area = Double(whole.height * whole.width) * stream.number(from: scale[0], to: scale[1])
    let ratio = exp(stream.number(from: log(ratio[0]), to: log(ratio[1])))
    let size = Extent(
      height: Int((area / ratio).squareRoot().rounded()), width: Int((area * ratio).squareRoot().rounded()))
    guard size.height > 0, size.width > 0, size.height <= whole.height, size.width <= whole.width else { return nil }
    return window(size, in: whole, drawing: &stream)
  }

  /// The largest part of an image with a ratio that may be.
  fileprivate func largestPart(of whole: Extent) -> Extent {
    let found = Double(whole.width) / Double(whole.height)
    if found < ratio[0] { return Extent(height: max(1, Int(Double(whole.width) / ratio[0])), width: whole.width) }
    if found > ratio[1] {
      return Extent(height: whole.height, width: max(1, Int(Double(whole.height) * ratio[1])))
    }
    return whole
  }
}

extension ImageTransform {
  /// Scales what is left of the image, in one step where nothing was cut out of it.
  fileprivate mutating func scalePart(to size: Extent, of extent: Extent) {
    if window == nil {
      scaled = size == extent ? nil : size
    } else {
      partScaled = size
    }
  }

  /// Whether a region, the whole image if nil, is still there.
  fileprivate func keeps(_ box: Box?, of extent: Extent) -> Bool {
    box.map { self.box($0, of: extent) != nil } ?? true
  }
}

extension RandomStream {
  fileprivate mutating func number(from low: Double, to high: Double) -> Double {
    low + (high - low) * Double(uniform())
  }

  /// A factor in [1 − spread, 1 + spread], not below 0.
  fileprivate mutating func factor(_ spread: Double) -> Float {
    Float(max(0, number(from: 1 - spread, to: 1 + spread)))
  }
}
