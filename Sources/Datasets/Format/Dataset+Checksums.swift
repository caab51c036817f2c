internal import Images
internal import Support
internal import Tensors

extension Dataset {
  /// Finds images of this dataset among those of another, by their samples.
  ///
  /// - Parameters:
  ///   - images: the indices to look for.
  ///   - others: the indices in the other dataset to compare them with.
  /// - Returns: those of `images` that the other dataset has too, in increasing order.
  /// - Throws: `FileError` if images cannot be read, `Interruption.stopped`.
  package func images(
    _ images: Set<Int>, alsoIn other: Dataset, at others: Set<Int>, shouldStop: () -> Bool = { false }
  ) throws -> [Int] {
    guard header.features == other.header.features, channels == other.channels else { return [] }
    var places: [UInt64: [Int]] = [:]
    for index in others.sorted() {
      if shouldStop() { throw Interruption.stopped }
      places[try other.checksum(ofImage: index), default: []].append(index)
    }
    return try images.sorted().filter { index in
      if shouldStop() { throw Interruption.stopped }
      guard let candidates = places[try checksum(ofImage: index)] else { return false }
      return try candidates.contains { try isEqual(index, to: $0, of: other) }
    }
  }

  /// A checksum of an image's extent and samples, or of a feature map's.
  private func checksum(ofImage index: Int) throws(FileError) -> UInt64 {
    let extent = extent(ofImage: index)
    let samples: UInt32
    if header.features != nil {
      samples = CRC32(of: try featureMap(at: index).values).value
    } else if header.storage == .encoded {
      samples = tables.sampleChecksums[index]
    } else {
      samples = CRC32(of: try image(at: index).pixels).value
    }
    return UInt64(samples) << 32 | UInt64(CRC32(of: [extent.height, extent.width]).value)
  }

  private func isEqual(_ index: Int, to place: Int, of other: Dataset) throws(FileError) -> Bool {
    guard extent(ofImage: index) == other.extent(ofImage: place) else { return false }
    return header.features == nil
      ? try image(at: index) == other.image(at: place)
      : try featureMap(at: index).values == other.featureMap(at: place).values
  }
}
