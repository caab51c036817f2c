import Images
internal import Support

/// Finds duplicate images, of the same size and pixels, with a few bytes of memory for each.
struct DuplicateSearch {
  /// The positions of first copies, by checksum of size and pixels.
  private var places: [UInt64: [Int]] = [:]
  /// The position of the first copy, by that of each other copy.
  private(set) var firstCopies: [Int: Int] = [:]

  /// Adds the image at a position; `image` reads an earlier one again, to compare pixel by pixel.
  mutating func insert(
    _ picture: Image, at place: Int, image: (Int) throws(FileError) -> Image
  ) throws(FileError) {
    let key = UInt64(CRC32(of: picture.pixels).value) << 32 | UInt64(CRC32(of: [picture.height, picture.width]).value)
    for earlier in places[key] ?? [] where try image(earlier) == picture {
      firstCopies[place] = earlier
      return
    }
    places[key, default: []].append(place)
  }
}
