import Images
internal import Support
import Tensors

/// What is kept of an image that was read once: what decides on it, and how to tell that it is still the same.
struct SurveyedImage: Sendable {
  let extent: Extent
  let channels: Int
  let traits: [ImageTrait: String]
  /// The checksum of size and pixels that duplicates are found by; nil where they are not looked for.
  let key: UInt64?
  /// The size and the CRC-32 of its file; of an array 0.
  let byteCount: Int
  let byteChecksum: UInt32
  /// The CRC-32 of its samples in gray and in color; 0 where it can be of no use.
  let grayChecksum: UInt32
  let colorChecksum: UInt32

  /// - Parameters:
  ///   - wanted: the channels of the dataset; nil where they depend on the other images.
  ///   - searches: whether duplicates are looked for.
  init(_ source: SourceImage, channels wanted: Int?, searches: Bool) {
    let image = source.image
    (extent, channels, traits) = (image.extent, image.channels, source.traits)
    // Gray and color are compared as color, unless all is made gray.
    let compared = image.converted(toChannels: wanted ?? 3)
    key = searches ? DuplicateSearch.key(of: compared) : nil
    byteCount = source.bytes?.count ?? 0
    byteChecksum = source.bytes.map { CRC32(of: $0).value } ?? 0
    let checksum = source.bytes == nil ? 0 : key.map { UInt32($0 >> 32) } ?? CRC32(of: compared.pixels).value
    let isPlainGray = wanted == nil && image.channels == 1 && source.bytes != nil
    grayChecksum = isPlainGray ? CRC32(of: image.pixels).value : wanted == 1 ? checksum : 0
    colorChecksum = wanted == 1 ? 0 : checksum
  }

  /// The CRC-32 of its samples with so many channels.
  func checksum(channels: Int) -> UInt32 { channels == 1 ? grayChecksum : colorChecksum }
}
