package import Tensors

/// How a dataset file holds its images.
package enum ImageStorage: String, Sendable, CaseIterable {
  /// As their samples, ready to use.
  case samples
  /// As the bytes of the files that they came from, decoded whenever they are read.
  case encoded
}

/// An image as the bytes of its file, and what decoding them gives.
package struct EncodedImage: Sendable, Equatable {
  /// The bytes of a file that `DecodedImage` decodes.
  package var bytes: [UInt8]
  /// Height and width of the dataset's image: upright, resized as the dataset's header says.
  package var extent: Extent
  /// The CRC-32 of the dataset's image: its samples `[height, width, channels]`.
  package var checksum: UInt32

  /// An image by its file's bytes and what they decode to.
  package init(bytes: [UInt8], extent: Extent, checksum: UInt32) {
    (self.bytes, self.extent, self.checksum) = (bytes, extent, checksum)
  }
}
