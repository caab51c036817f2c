import Images
internal import Support

/// Finds duplicate images, of the same size and pixels, with a few bytes of memory for each.
struct DuplicateSearch {
  /// The positions of first copies, by checksum of size and pixels.
  private var places: [UInt64: [Int]] = [:]
  /// The position of the first copy, by that of each other copy.
  private(set) var firstCopies: [Int: Int] = [:]

  /// The checksum of an image's size and pixels.
  static func key(of image: Image) -> UInt64 {
    UInt64(CRC32(of: image.pixels).value) << 32 | UInt64(CRC32(of: [image.height, image.width]).value)
  }

  /// Adds the image at a position by its key; `image` reads one again, to compare pixel by pixel.
  mutating func insert(
    _ key: UInt64, at place: Int, image: (Int) throws(FileError) -> Image
  ) throws(FileError) {
    let others = places[key] ?? []
    if !others.isEmpty {
      let picture = try image(place)
      for earlier in others where try image(earlier) == picture {
        firstCopies[place] = earlier
        return
      }
    }
    places[key, default: []].append(place)
  }
}
