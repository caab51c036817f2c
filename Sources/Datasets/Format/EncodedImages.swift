internal import Images
internal import Support
internal import Tensors

/// The encoded images of a dataset, each decoded and checked when it is read.
///
/// Images that were decoded stay in memory if all of them would fit; otherwise their bytes do, if these fit.
final class EncodedImages: Sendable {
  private let store: any SampleStore<UInt8>
  private let tables: DatasetTables
  private let preparation: ImagePreparation
  private let path: String
  /// The images that were decoded; nil where they are not kept.
  private let decoded: Locked<[Int: Image]>?

  /// - Parameters:
  ///   - store: the bytes of all files.
  ///   - keepsDecoded: whether decoded images stay in memory.
  init(
    _ store: any SampleStore<UInt8>, _ tables: DatasetTables, _ preparation: ImagePreparation, path: String,
    keepsDecoded: Bool
  ) {
    (self.store, self.tables, self.preparation, self.path) = (store, tables, preparation, path)
    decoded = keepsDecoded ? Locked([:]) : nil
  }

  /// Bytes of images in memory, decoded or not.
  var heldBytes: Int {
    store.heldBytes + (decoded?.withLock { $0.values.reduce(0) { $0 + $1.pixels.count } } ?? 0)
  }

  /// An image, decoded whole or, where that is enough, at a part of its size.
  ///
  /// - Parameter wanted: the extent that is enough; see `DecodedImage`. nil decodes every pixel.
  /// - Throws: `FileError` if its bytes cannot be read or decoded, or give another image than when the dataset was made.
  func image(at index: Int, covering wanted: Extent? = nil) throws(FileError) -> Image {
    let extent = tables.extent(of: index)
    // Only half the size or less can be decoded at a part.
    if let wanted, wanted.height <= (extent.height + 1) / 2, wanted.width <= (extent.width + 1) / 2 {
      let bytes = try bytes(at: index)
      guard CRC32(of: bytes).value == tables.byteChecksums[index] else { throw damage(index) }
      return try decodedImage(of: bytes, at: index, extent: extent, covering: wanted)
    }
    if let kept = decoded?.withLock({ $0[index] }) { return kept }
    let bytes = try bytes(at: index)
    let image = try decodedImage(of: bytes, at: index, extent: extent, covering: nil)
    guard CRC32(of: image.pixels).value == tables.sampleChecksums[index] else {
      guard CRC32(of: bytes).value == tables.byteChecksums[index] else { throw damage(index) }
      throw FileError(
        what: "image \(index)\(name(of: index)) decodes to other samples than when the dataset was made", path: path,
        expected: "a decoder that gives the same",
        action: "prepare the dataset again on this machine, or with --storage samples")
    }
    decoded?.withLock { [image] in $0[index] = image }
    return image
  }

  /// An image as it is stored; its bytes are compared with their checksum.
  ///
  /// - Throws: `FileError` if they cannot be read or are not those that were written.
  func encoded(at index: Int) throws(FileError) -> EncodedImage {
    let bytes = try bytes(at: index)
    guard CRC32(of: bytes).value == tables.byteChecksums[index] else { throw damage(index) }
    return EncodedImage(bytes: bytes, extent: tables.extent(of: index), checksum: tables.sampleChecksums[index])
  }

  private func bytes(at index: Int) throws(FileError) -> [UInt8] { try store.samples(in: tables.range(of: index)) }

  private func decodedImage(
    of bytes: [UInt8], at index: Int, extent: Extent, covering wanted: Extent?
  ) throws(FileError) -> Image {
    let name = "\(path), image \(index)\(name(of: index))"
    let file: DecodedImage
    do throws(ImageError) { file = try DecodedImage(bytes, name: name) { _ in wanted } } catch {
      throw FileError(error)
    }
    let image = try preparation.image(of: file.image, name: name)
    let whole = preparation.resizing == nil ? file.extent : image.extent
    guard whole == extent else {
      throw FileError(
        what: "it decodes to \(whole.width) x \(whole.height) pixels", path: name,
        expected: "\(extent.width) x \(extent.height) as its tables declare", action: "make the dataset again")
    }
    return image
  }

  private func name(of index: Int) -> String { tables.files[index].map { " (\($0))" } ?? "" }

  private func damage(_ index: Int) -> FileError {
    FileError(
      what: "the bytes of image \(index)\(name(of: index)) changed since they were written", path: path,
      action: "copy the dataset again or make it again")
  }
}
