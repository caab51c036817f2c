internal import Datasets
package import Images
internal import Support
internal import Tensors

/// A fixed image descriptor, independent of the arms, that distances between domains are measured with.
package enum Descriptor: String, Codable, Sendable, CaseIterable {
  /// Histograms of gradient directions, with mean colors and mean gradients.
  case gradients
  /// The image at 8×8 pixels.
  case thumbnails
  /// The L2-normalized averages of a frozen network's feature maps.
  case features

  static let thumbnailSide = 8

  /// The descriptor in words.
  package var title: String {
    switch self {
    case .gradients: "histograms of gradient directions, mean colors and mean gradients in 4×4 cells at 32×32"
    case .thumbnails: "red, green and blue at 8×8"
    case .features: "L2-normalized averages of the frozen network's feature maps"
    }
  }

  /// Those to be shown beside it, the best first.
  var others: [Descriptor] {
    switch self {
    case .gradients: [.features, .thumbnails]
    case .thumbnails: [.features, .gradients]
    case .features: [.gradients]
    }
  }

  /// The description of an image; of gray images all colors are equal. Each part has an L2 norm of at most 1.
  package func describe(_ image: Image) -> [Double] {
    let image = image.converted(toChannels: 3)
    switch self {
    case .gradients: return Self.gradients(of: image)
    case .thumbnails:
      let small = image.resized(height: Self.thumbnailSide, width: Self.thumbnailSide).pixels
      return small.map { Double($0) / 255 / Double(small.count).squareRoot() }
    case .features: preconditionFailure("Descriptor: images have no features; expected a feature map")
    }
  }

  /// The description of a feature map `[cells, channels]`.
  package static func features(of map: [Float], channels: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    for index in map.indices { sums[index % channels] += Double(map[index]) }
    let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return sums.map { length > 0 ? $0 / length : 0 }
  }

  /// The description of an image of a dataset that is `fit`.
  func describe(_ index: Int, of dataset: Dataset) throws(FileError) -> [Double] {
    self == .features
      ? Self.features(of: try dataset.featureMap(at: index).values, channels: dataset.channels)
      : describe(try dataset.image(at: index))
  }

  /// Whether a dataset holds what it describes.
  func fits(_ dataset: Dataset) -> Bool { (self == .features) == (dataset.header.features != nil) }
}
