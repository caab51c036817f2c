import Images
internal import Support
import Tensors

/// An image that is ready to be written, with its regions.
struct PreparedImage: Sendable {
  enum Content: Sendable {
    case samples(Image)
    case encoded(EncodedImage)
  }
  let content: Content
  /// The extent before resizing.
  let extent: Extent
  let regions: [LabeledRegion]
}

extension Preparation {
  /// How the images that go into the dataset are stored: as the user says, or what is smaller and no slower to read.
  ///
  /// - Returns: the storage, and why, in a sentence; nil where there is nothing to say.
  /// - Throws: `FileError` where encoded images are asked for and there are no files.
  func storage(
    of indices: [Int], _ images: SourceImages, _ survey: Survey, path: String
  ) throws(FileError) -> (ImageStorage, remark: String?) {
    guard images.all.isOfFiles else {
      guard storage != .encoded else {
        throw FileError(
          what: "encoded images of a source whose images are no files of their own", path: path,
          expected: "image files", action: "store samples")
      }
      return (.samples, nil)
    }
    var (encoded, samples) = (0, 0)
    for image in indices.compactMap({ survey.images[$0] }) {
      encoded += image.byteCount
      samples += image.extent.height * image.extent.width * survey.channels
    }
    let sizes = "\(Self.size(encoded)) in their files, \(Self.size(samples)) as samples"
    let kept = "images are stored encoded, as in their files"
    switch (storage, resizing != nil) {
    case (.samples?, _): return (.samples, nil)
    case (.encoded?, false): return (.encoded, "\(kept): \(sizes)")
    case (.encoded?, true): return (.encoded, "\(kept), and resized whenever they are read: \(Self.size(encoded))")
    case (nil, true):
      return (
        .samples,
        "images are stored as samples, resized once (--storage encoded keeps the files and resizes whenever they are read)"
      )
    case (nil, false) where encoded <= samples:
      return (.encoded, "\(kept), and decoded when they are read: \(sizes) (--storage samples decodes them once)")
    case (nil, false): return (.samples, "images are stored as samples, as their files are larger: \(sizes)")
    }
  }

  private static func size(_ bytes: Int) -> String {
    bytes < 1_000_000 ? "\(bytes) bytes" : "\((Double(bytes) / 1e6).formatted(digits: 1)) MB"
  }

  /// An image as it is to be written.
  ///
  /// - Throws: `FileError` if it cannot be read, is not what it was in the survey, or loses a region to the crop.
  func prepared(
    _ index: Int, of images: SourceImages, as storage: ImageStorage, _ survey: Survey
  ) throws(FileError) -> PreparedImage {
    let (name, regions) = (images.all.name(at: index), images.all.regions(at: index))
    let preparation = ImagePreparation(channels: survey.channels, resizing: resizing)
    guard storage == .encoded, let surveyed = survey.images[index] else {
      let image = try images.all.image(at: index).image
      return PreparedImage(
        content: .samples(try preparation.image(of: image, name: name)), extent: image.extent,
        regions: try resized(regions, of: image.extent, name: name))
    }
    let bytes = try FileBytes.read(name, limit: DecodedImage.byteLimit)
    guard CRC32(of: bytes).value == surveyed.byteChecksum else {
      throw FileError(
        what: "it changed while the dataset was made", path: name, expected: "a file that does not change",
        action: "leave the file alone while it is read")
    }
    var encoded = EncodedImage(
      bytes: bytes, extent: surveyed.extent, checksum: surveyed.checksum(channels: survey.channels))
    if resizing != nil {
      let decoded: Image
      do throws(ImageError) { decoded = try Image(decoding: bytes, name: name) } catch { throw FileError(error) }
      let image = try preparation.image(of: decoded, name: name)
      (encoded.extent, encoded.checksum) = (image.extent, CRC32(of: image.pixels).value)
    }
    return PreparedImage(
      content: .encoded(encoded), extent: surveyed.extent,
      regions: try resized(regions, of: surveyed.extent, name: name))
  }

  /// The regions of an image of an extent where its resizing takes them.
  private func resized(
    _ regions: [LabeledRegion], of extent: Extent, name: String
  ) throws(FileError) -> [LabeledRegion] {
    guard let resizing else { return regions }
    let transform = resizing.transform(of: extent)
    let inside = regions.compactMap { region in
      region.box.map { box in
        transform.box(box, of: extent).map { LabeledRegion(label: region.label, box: $0, mark: region.mark) }
      } ?? region
    }
    guard inside.count == regions.count else {
      throw FileError(
        what: "the crop cuts off \(regions.count - inside.count) of its regions", path: name,
        expected: "a crop with every region's center in it", action: "remove the crop")
    }
    return inside
  }
}
