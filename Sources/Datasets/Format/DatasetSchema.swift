internal import Support
package import Tensors

/// The parts of a dataset that a run trains on, selects by, and reports on.
package enum Split: String, Sendable, CaseIterable {
  case train, validation, test
}

extension Box {
  /// Why the box cannot lie in an image of this size; nil if it can.
  ///
  /// It must be finite, end no earlier than it begins, and share a pixel with the image; it may reach beyond it.
  package func problem(height: Int, width: Int) -> String? {
    guard x1.isFinite, y1.isFinite, x2.isFinite, y2.isFinite else { return "is not finite" }
    guard x2 >= x1, y2 >= y1 else { return "ends before it begins" }
    guard x1 < Float(width), y1 < Float(height), x2 >= 0, y2 >= 0 else {
      return "lies outside its image of \(width) x \(height) pixels"
    }
    return nil
  }
}

/// A labeled part of an image: one sample.
package struct LabeledRegion: Sendable, Equatable {
  /// The class, an index into the dataset's class names.
  package var label: Int
  /// `nil` for the whole image.
  package var box: Box?
  /// What it is, other than an object of its class.
  package var mark: RegionMark

  /// A region with its class and box.
  package init(label: Int, box: Box? = nil, mark: RegionMark = .object) {
    (self.label, self.box, self.mark) = (label, box, mark)
  }
}

/// The header of a dataset.
package struct DatasetHeader: Sendable, Equatable {
  /// The dataset's name.
  package var name: String
  /// The source of the data; empty if unspecified.
  package var source: String
  /// The data's license; empty if unspecified.
  package var license: String
  /// The names of the classes, in the order of their labels.
  package var classNames: [String]
  /// 1 or 3, the same for all images; of feature maps any number.
  package var channels: Int
  /// The origin of the feature maps; nil for a dataset of images.
  package var features: FeatureOrigin?
  /// How the images of its source were resized; nil where they were not, or that is not recorded.
  package var resizing: ImageResizing?
  /// How the file holds the images.
  package var storage: ImageStorage

  /// A header; `problem` tells whether a dataset can have it.
  package init(
    name: String, source: String, license: String, classNames: [String], channels: Int, features: FeatureOrigin? = nil,
    resizing: ImageResizing? = nil, storage: ImageStorage = .samples
  ) {
    (self.features, self.resizing, self.storage) = (features, resizing, storage)
    self.name = name
    self.source = source
    self.license = license
    self.classNames = classNames
    self.channels = channels
  }

  /// Why the header is invalid; nil if it is valid.
  var problem: String? {
    if let features {
      if storage == .encoded { return "encoded feature maps, expected numbers" }
      if !(1...1 << 16).contains(channels) { return "\(channels) channels, expected 1 to 65536" }
      if !(features.scale >= 0x1p-16 && features.scale <= 1) {
        return "scale \(features.scale), expected 1/65536 to 1"
      }
    } else if channels != 1 && channels != 3 {
      return "\(channels) channels, expected 1 or 3"
    }
    if let problem = resizing?.problem { return problem }
    if classNames.isEmpty { return "no classes, expected at least one" }
    if Set(classNames).count != classNames.count { return "two classes of one name, expected different names" }
    return nil
  }
}

extension DatasetHeader {
  /// The extents in pixels of an image whose map has these, at most.
  func pixels(ofHeight height: Int, width: Int) -> (height: Int, width: Int) {
    guard let scale = features?.scale else { return (height, width) }
    return (Int((Float(height + 1) / scale).rounded(.up)), Int((Float(width + 1) / scale).rounded(.up)))
  }
}

/// The origin of feature maps: the spatial scale and the backbone that computed them.
package struct FeatureOrigin: Sendable, Equatable {
  /// The spatial scale (1/stride): boxes stay in pixels of the original images.
  package var scale: Float
  /// The backbone, its weights and the images' preparation, as JSON: equal text, equal features.
  package var backbone: String

  /// The origin of feature maps: their spatial scale and the backbone's JSON description.
  package init(scale: Float, backbone: String) {
    self.scale = scale
    self.backbone = backbone
  }
}

/// Names and numbers of the file format that `docs/dataset.md` describes.
package enum DatasetSchema {
  /// The value of the attribute `format` at the file's root.
  package static let format = "bulkhead-dataset"
  /// The version of a file: 2 with encoded images, which programs of version 1 do not know.
  static func version(of storage: ImageStorage) -> Int { storage == .encoded ? 2 : 1 }
  /// Bytes in a chunk of pixels or of encoded images.
  static let pixelChunk = 64 << 10
  /// Numbers in a chunk of feature maps, which are not compressed.
  static let featureChunk = 256 << 10
  /// Entries in a chunk of anything else.
  static let entryChunk = 4 << 10

  static let pixels = "/images/pixels"
  static let encoded = "/images/encoded"
  static let byteChecksums = "/images/encoded-crc32"
  static let sampleChecksums = "/images/crc32"
  static let offsets = "/images/offset"
  static let heights = "/images/height"
  static let widths = "/images/width"
  static let files = "/images/file"
  static let regionImages = "/regions/image"
  static let regionLabels = "/regions/label"
  static let regionBoxes = "/regions/box"
  static let classes = "/classes"
  static func indices(of split: Split) -> String { "/splits/\(split.rawValue)" }

  /// Every array of data that a file may have; the names of files are not data.
  static let arrays =
    [
      pixels, encoded, byteChecksums, sampleChecksums, offsets, heights, widths, regionImages, regionLabels,
      regionBoxes, classes,
    ]
    + Split.allCases.map(indices(of:)) + detectionArrays

  /// The attribute of every dataset that holds the CRC-32 of its values.
  static let checksum = "crc32"

  /// The checksum of numbers: the CRC-32 of their little-endian bytes in order.
  static func checksum(of values: [some BitwiseCopyable]) -> UInt32 { CRC32(of: values).value }

  /// The checksum of strings: the CRC-32 of their UTF-8 bytes, a zero after each.
  static func checksum(of strings: [String]) -> UInt32 { CRC32(of: strings.flatMap { Array($0.utf8) + [0] }).value }
}

extension ImageStorage {
  /// The array that holds the images.
  var array: String { self == .encoded ? DatasetSchema.encoded : DatasetSchema.pixels }
}
