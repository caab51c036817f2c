package import Datasets
internal import Serialization
internal import Support
package import Weights

/// The data of a run and how it is served.
package struct DataConfiguration: Codable, Sendable, Equatable {
  /// A dataset file.
  package var path: String
  /// Training images per class, drawn by the seed; nil uses all.
  package var trainPerClass: Int?
  /// Validation images per class, drawn by the seed; nil uses all, 0 trains without validation.
  package var validationPerClass: Int?
  /// The fold of the training images to validate on instead of validation images; nil trains on all.
  package var fold: Fold?
  /// 1 or 3; nil keeps the dataset's channels.
  package var channels: Int?
  /// The normalization of pixel values.
  package var inputNormalization: InputNormalization
  /// How images are resized and cropped, in training unless `augment` replaces it; nil keeps their size.
  package var resize: ImageResizing?
  /// Data augmentation of training images; nil is none.
  package var augment: Augmentation?
  /// Side lengths in pixels that training images are then scaled to, one drawn for each image; empty keeps their size.
  package var sizes: [Int]
  /// Side length in pixels of validation and test images; nil keeps their size.
  package var evaluationSize: Int?
  /// Whether JPEG images that are scaled to half their size or less are decoded at 1/2, 1/4 or 1/8 first.
  package var scaledDecoding: Bool
  /// Images per step.
  package var batch: Int
  /// How the images of an epoch are chosen.
  package var sampling: Sampling

  /// How the images of an epoch are chosen.
  package enum Sampling: String, Codable, Sendable, CaseIterable {
    /// Every image once, in random order.
    case shuffled
    /// As many images, equally many of each class: those of small classes come several times, of large ones not all.
    case balanced
  }

  private enum CodingKeys: String, CodingKey, OtherNames {
    case path, trainPerClass, validationPerClass, fold, channels, inputNormalization, resize, augment, sizes
    case evaluationSize, scaledDecoding, batch, sampling

    static var otherNames: [String: String] {
      [
        "pixels": "inputNormalization", "normalization": "inputNormalization", "normalize": "inputNormalization",
        "batchSize": "batch", "batch_size": "batch", "augmentation": "augment", "mixup": "augment.mixup",
        "sampler": "sampling",
      ]
    }
  }

  /// The data of a dataset file, with the default input normalization and no augmentation.
  package init(
    path: String, trainPerClass: Int? = nil, validationPerClass: Int? = nil, sizes: [Int] = [],
    evaluationSize: Int? = nil, batch: Int = 32
  ) {
    (self.path, self.trainPerClass, self.validationPerClass) = (path, trainPerClass, validationPerClass)
    (self.sizes, self.evaluationSize, self.batch) = (sizes, evaluationSize, batch)
    (inputNormalization, scaledDecoding, sampling) = (.symmetric, false, .shuffled)
  }

  /// Decodes the keys of `data`.
  /// - Throws: `DecodingError` for a missing key or a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    path = try container.decode(String.self, forKey: .path)
    trainPerClass = try container.decodeIfPresent(Int.self, forKey: .trainPerClass)
    validationPerClass = try container.decodeIfPresent(Int.self, forKey: .validationPerClass)
    fold = try container.decodeIfPresent(Fold.self, forKey: .fold)
    channels = try container.decodeIfPresent(Int.self, forKey: .channels)
    inputNormalization = try container.decode(.inputNormalization, or: .symmetric)
    resize = try container.decodeIfPresent(ImageResizing.self, forKey: .resize)
    augment = try container.decodeIfPresent(Augmentation.self, forKey: .augment)
    sizes = try container.decode(.sizes, or: [])
    evaluationSize = try container.decodeIfPresent(Int.self, forKey: .evaluationSize)
    scaledDecoding = try container.decode(.scaledDecoding, or: false)
    batch = try container.decode(.batch, or: 32)
    sampling = try container.decode(.sampling, or: .shuffled)
    try container.require(trainPerClass ?? 1 > 0, .trainPerClass, "expected at least 1 image per class")
    try container.require(
      validationPerClass ?? 0 >= 0, .validationPerClass, "expected at least 1 image per class, or 0 for no validation")
    try container.require(
      fold == nil || validationPerClass == nil, .validationPerClass,
      "a fold validates on training images; remove validationPerClass")
    try container.require([nil, 1, 3].contains(channels), .channels, "expected 1 (gray) or 3 (color)")
    try container.require(
      channels != 1 || !inputNormalization.needsColor, .channels,
      "inputNormalization: \(inputNormalization) needs color images")
    if let problem = resize?.problem { try container.require(false, .resize, problem) }
    try container.require(
      augment?.crop?.scale == nil || resize?.crop != nil || !sizes.isEmpty, .augment,
      "augment.crop.scale needs a size to scale to: resize.crop or sizes")
    try container.require(sizes.allSatisfy { (1...4096).contains($0) }, .sizes, "expected sizes of 1 to 4096 pixels")
    try container.require(
      (1...4096).contains(evaluationSize ?? 1), .evaluationSize, "expected a size of 1 to 4096 pixels")
    try container.require((1...65_536).contains(batch), .batch, "expected 1 to 65536 images per step")
  }
}

extension DataConfiguration {
  /// One of the parts that cross-validation splits the training images into, class by class.
  package struct Fold: Codable, Sendable, Equatable {
    /// The fold, counted from 1.
    package var index: Int
    /// The number of folds.
    package var of: Int

    /// The fold of an index, counted from 1, of so many.
    package init(_ index: Int, of count: Int) { (self.index, of) = (index, count) }

    /// Decodes the keys of `data.fold`.
    /// - Throws: `DecodingError` for a missing key or a value out of range.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      index = try container.decode(Int.self, forKey: .index)
      of = try container.decode(Int.self, forKey: .of)
      try container.require((2...1000).contains(of), .of, "expected 2 to 1000 parts")
      try container.require((1...of).contains(index), .index, "expected 1 to \(of), as there are \(of) parts")
    }
  }

  /// Whether a run's best weights are those of its last epoch: for a fold, which estimates a run on all images,
  /// and without validation, where epochs cannot be compared.
  package var endsWithLastEpoch: Bool { fold != nil || validationPerClass == 0 }
}

/// The initial weights of a run.
package struct WeightsConfiguration: Codable, Sendable, Equatable {
  /// A weights file in any known layout, or a checkpoint.
  package var from: String
  /// The file's layout; nil detects it.
  package var layout: WeightsFormat?
  /// The order of flattened features in the file; nil is the layout's default.
  package var flattenOrder: FlattenOrder?
  /// The state dictionary to take of a torch file that has several, by its keys joined by dots.
  package var part: String?
  /// More layers to reinitialize instead of loading, such as `fc7`.
  package var reinitialize: [String]
  /// Names of layers in the file by their names in the network, such as `fc6: classifier.0`.
  package var rename: [String: String]
  /// Whether the weights are a source model's or the same network's.
  package var use: Use

  private enum CodingKeys: String, CodingKey, OtherNames {
    case from, layout, flattenOrder, part, reinitialize, rename, use

    static var otherNames: [String: String] {
      ["leave": "reinitialize", "path": "from", "file": "from", "format": "layout"]
    }
  }

  /// How the weights relate to the network.
  package enum Use: String, Codable, Sendable, CaseIterable {
    /// A source model's: the classifier and the head's new layers are reinitialized, other head layers adapted.
    case transfer
    /// The same network's: every layer is loaded unchanged.
    case continuation
  }

  /// Weights from a file.
  package init(
    from path: String, layout: WeightsFormat? = nil, flattenOrder: FlattenOrder? = nil, part: String? = nil,
    reinitialize: [String] = [], rename: [String: String] = [:], use: Use = .transfer
  ) {
    (from, self.layout, self.flattenOrder, self.part) = (path, layout, flattenOrder, part)
    (self.reinitialize, self.rename, self.use) = (reinitialize, rename, use)
  }

  /// Decodes the keys of `weights`.
  /// - Throws: `DecodingError` for a missing key or an unknown value.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    from = try container.decode(String.self, forKey: .from)
    layout = try container.decodeIfPresent(WeightsFormat.self, forKey: .layout)
    flattenOrder = try container.decodeIfPresent(FlattenOrder.self, forKey: .flattenOrder)
    part = try container.decodeIfPresent(String.self, forKey: .part)
    reinitialize = try container.decode(.reinitialize, or: [])
    rename = try container.decode(.rename, or: [:])
    use = try container.decode(.use, or: .transfer)
  }
}
