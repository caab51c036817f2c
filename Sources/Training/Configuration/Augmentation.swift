import Serialization

/// Data augmentation: random transforms of training images, each a function of seed, epoch and image.
package struct Augmentation: Codable, Sendable, Equatable {
  /// Whether half of the images are mirrored.
  package var flip: Bool
  /// The range of the random scale factor of both sides; nil does not scale.
  package var scale: [Double]?
  /// A random crop; nil crops as in evaluation.
  package var crop: RandomCrop?
  /// Random brightness, contrast and saturation; nil changes no colors.
  package var jitter: ColorJitter?
  /// α of mixup (Zhang et al. 2018): each image and its label are mixed with another's of the batch, in shares λ and 1 − λ,
  /// one λ from Beta(α, α) per step; nil mixes nothing.
  package var mixup: Double?

  /// An augmentation of these changes.
  package init(
    flip: Bool = false, scale: [Double]? = nil, crop: RandomCrop? = nil, jitter: ColorJitter? = nil,
    mixup: Double? = nil
  ) {
    (self.flip, self.scale, self.crop, self.jitter, self.mixup) = (flip, scale, crop, jitter, mixup)
  }

  /// Decodes the keys of `data.augment`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    flip = try container.decode(.flip, or: false)
    scale = try container.decodeIfPresent([Double].self, forKey: .scale)
    crop = try container.decodeIfPresent(RandomCrop.self, forKey: .crop)
    jitter = try container.decodeIfPresent(ColorJitter.self, forKey: .jitter)
    mixup = try container.decodeIfPresent(Double.self, forKey: .mixup)
    try container.require(
      mixup.map { (0.001...100).contains($0) } ?? true, .mixup, "expected α of 0.001 to 100, such as 0.2")
    try container.require(
      scale?.isRange(within: 0.01...100) ?? true, .scale, "expected two factors of 0.01 to 100, such as [0.8, 1.25]")
    try container.require(
      scale == nil || crop?.scale == nil, .scale, "augment.crop.scale scales already; remove one of them")
  }
}

/// A random crop.
package struct RandomCrop: Codable, Sendable, Equatable {
  /// Black padding on each side, in pixels.
  package var padding: Int
  /// The range of the crop's share of the image's area, then scaled to the crop's size; nil crops windows
  /// of that size (Szegedy et al. 2015; torchvision's `RandomResizedCrop`).
  package var scale: [Double]?
  /// The range of the aspect ratio (width / height) of such crops.
  package var ratio: [Double]

  /// A random crop with padding in pixels, or with ranges of area and aspect ratio.
  package init(padding: Int = 0, scale: [Double]? = nil, ratio: [Double] = [0.75, 4.0 / 3]) {
    (self.padding, self.scale, self.ratio) = (padding, scale, ratio)
  }

  /// Decodes the keys of `data.augment.crop`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    padding = try container.decode(.padding, or: padding)
    scale = try container.decodeIfPresent([Double].self, forKey: .scale)
    ratio = try container.decode(.ratio, or: ratio)
    try container.require((0...4096).contains(padding), .padding, "expected 0 to 4096 pixels")
    try container.require(
      scale?.isRange(within: 0.0001...1) ?? true, .scale, "expected two parts of the area up to 1, such as [0.25, 1]")
    try container.require(
      scale == nil || padding == 0, .padding, "a crop that is a part of the image (scale) takes no padding")
    try container.require(
      ratio.isRange(within: 0.01...100), .ratio, "expected two ratios of width to height, such as [0.75, 1.33]")
  }
}

/// Random factors of brightness, contrast and saturation: each uniform in [1 − value, 1 + value], not below 0.
package struct ColorJitter: Codable, Sendable, Equatable {
  /// The largest relative change of brightness.
  package var brightness: Double
  /// The largest relative change of contrast.
  package var contrast: Double
  /// The largest relative change of saturation.
  package var saturation: Double

  /// A color jitter of these ranges; 0 changes nothing.
  package init(brightness: Double = 0, contrast: Double = 0, saturation: Double = 0) {
    (self.brightness, self.contrast, self.saturation) = (brightness, contrast, saturation)
  }

  /// Decodes the keys of `data.augment.jitter`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    for (key, path) in [
      (CodingKeys.brightness, \Self.brightness), (.contrast, \Self.contrast), (.saturation, \Self.saturation),
    ] {
      self[keyPath: path] = try container.decode(key, or: 0)
      try container.require((0...10).contains(self[keyPath: path]), key, "expected 0 to 10")
    }
  }
}

extension [Double] {
  /// Whether these are a lower and an upper bound within a range.
  fileprivate func isRange(within range: ClosedRange<Double>) -> Bool {
    count == 2 && self[0] <= self[1] && range.contains(self[0]) && range.contains(self[1])
  }
}
