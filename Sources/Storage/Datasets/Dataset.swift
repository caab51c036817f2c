import HDF5
package import Images

/// A dataset file, checked as a whole when opened: images of any sizes, labelled regions in them, splits.
///
/// A sample is one region. The format is described in `docs/dataset.md`. Safe to use from several threads.
package struct Dataset: Sendable {
  package let path: String
  package let header: DatasetHeader
  private let tables: DatasetTables
  private let pixels: any PixelStore

  /// Samples are kept in memory up to this many bytes unless told otherwise: 256 MiB.
  package static let defaultMemoryLimit = 256 << 20

  /// Opens a dataset and checks everything in it but the pixels that stay on disk; see `verify`.
  /// - Parameter memoryLimit: with more bytes of samples than this, images are read from disk one by one.
  /// - Throws: `StorageError` that names the first thing that is wrong.
  package init(opening path: String, memoryLimit: Int = Dataset.defaultMemoryLimit) throws(StorageError) {
    self.path = path
    let file = try storing { () throws(HDF5Error) in try HDF5File(opening: path) }
    header = try DatasetHeader(of: file)
    tables = try DatasetTables(of: file, header: header)
    let dataset = try Self.pixels(of: file, count: tables.pixelCount)
    if tables.pixelCount <= memoryLimit {
      let samples = try storing { () throws(HDF5Error) in try dataset.read(as: UInt8.self) }
      try dataset.requireChecksum(DatasetSchema.checksum(of: samples))
      pixels = HeldPixels(samples: samples)
    } else {
      pixels = FiledPixels(dataset)
    }
  }

  package var name: String { header.name }
  package var source: String { header.source }
  package var licence: String { header.licence }
  package var classNames: [String] { header.classNames }
  package var channels: Int { header.channels }
  package var imageCount: Int { tables.heights.count }
  /// The number of regions.
  package var sampleCount: Int { tables.labels.count }
  /// Bytes of image samples kept in memory; 0 if they are read from disk.
  package var heldBytes: Int { pixels.heldBytes }

  /// The samples of a split in increasing order.
  package func samples(of split: Split) -> [Int] { tables.samples[split] ?? [] }

  /// The class of a sample.
  package func label(of sample: Int) -> Int { Int(tables.labels[sample]) }

  /// The image that a sample lies in.
  package func imageIndex(of sample: Int) -> Int { Int(tables.images[sample]) }

  /// The sample's rectangle; `nil` means the whole image.
  package func box(of sample: Int) -> Box? {
    guard !tables.boxes.isEmpty, !tables.boxes[4 * sample].isNaN else { return nil }
    let sides = tables.boxes[4 * sample..<4 * sample + 4]
    let first = sides.startIndex
    return Box(x1: sides[first], y1: sides[first + 1], x2: sides[first + 2], y2: sides[first + 3])
  }

  /// The extents of an image without reading it.
  package func extents(ofImage index: Int) -> (height: Int, width: Int) {
    (Int(tables.heights[index]), Int(tables.widths[index]))
  }

  /// The same as one value.
  package func extent(ofImage index: Int) -> PixelExtent {
    PixelExtent(height: Int(tables.heights[index]), width: Int(tables.widths[index]))
  }

  /// An image.
  /// - Throws: `StorageError` if it is not in memory and cannot be read.
  package func image(at index: Int) throws(StorageError) -> Image {
    let extent = extent(ofImage: index)
    let start = Int(tables.offsets[index])
    return Image(
      height: extent.height, width: extent.width, channels: channels,
      pixels: try pixels.samples(in: start..<start + extent.height * extent.width * channels))
  }

  /// Reads all samples, slice by slice, and compares their checksum.
  /// - Throws: `StorageError` if they differ from what was written.
  package func verify() throws(StorageError) {
    let file = try storing { () throws(HDF5Error) in try HDF5File(opening: path) }
    let dataset = try Self.pixels(of: file, count: tables.pixelCount)
    var checksum: UInt32 = 0
    let step = 4 << 20
    for start in stride(from: 0, to: tables.pixelCount, by: step) {
      let rows = start..<min(start + step, tables.pixelCount)
      let slice = try storing { () throws(HDF5Error) in try dataset.read(rows: rows, as: UInt8.self) }
      checksum = FileBytes.crc32(slice, from: checksum)
    }
    try dataset.requireChecksum(checksum)
  }

  private static func pixels(of file: borrowing HDF5File, count: Int) throws(StorageError) -> HDF5Dataset {
    let dataset = try storing { () throws(HDF5Error) in try file.dataset(DatasetSchema.pixels) }
    try dataset.require(.uint8, shape: [count])
    return dataset
  }
}
