import Images
internal import Support

/// Images of one size in an array, read one by one or block by block so that memory does not grow with them.
struct ArrayImages: ImageSource {
  private let array: any NumberArray
  private let arrangement: ImageArrangement
  private let scale: SampleScale
  private let labels: [Int]
  /// The positions of the images in the array.
  private let places: [Int]
  private let held = HeldBlock()

  /// The samples of the block that was read last.
  private final class HeldBlock: Sendable {
    let value = Locked((images: 0..<0, samples: [UInt8]()))
  }

  /// Images of an array: those at `places`, and the labels of all.
  init(
    _ array: any NumberArray, _ arrangement: ImageArrangement, _ scale: SampleScale, labels: [Int], places: [Int]
  ) {
    (self.array, self.arrangement, self.scale, self.labels) = (array, arrangement, scale, labels)
    self.places = places
  }

  var count: Int { places.count }
  func label(at index: Int) -> Int { labels[places[index]] }
  func name(at index: Int) -> String { "\(array.path), image \(places[index])" }

  func image(at index: Int) throws(FileError) -> SourceImage {
    let step = arrangement.imagesPerBlock
    let place = places[index]
    let first = place / step * step
    let images = first..<min(arrangement.count, first + step)
    var (held, samples) = self.held.value.withLock { $0 }
    if held != images || samples.isEmpty {
      let (offset, count) = arrangement.block(of: images)
      guard let found = scale.samples(try array.block(at: offset, of: count)) else {
        throw FileError(
          what: "values outside \(scale.black.plain) to \(scale.white.plain) that were not there before",
          path: name(at: index), expected: "a file that does not change",
          action: "leave the file alone while it is read")
      }
      (held, samples) = (images, found)
      if step > 1 { self.held.value.withLock { [samples] in $0 = (images, samples) } }
    }
    let layout = arrangement.layout
    return SourceImage(
      Image(
        height: layout.height, width: layout.width, channels: layout.channels,
        pixels: arrangement.pixels(of: place - first, in: samples, images: images.count)))
  }
}
