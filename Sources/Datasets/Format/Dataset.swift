import Foundation
import HDF5
package import Images
package import Support
package import Tensors

/// A dataset file, checked as a whole when opened: images of any sizes, labeled regions in them, splits.
///
/// A sample is one region. The format is described in `docs/dataset.md`. Safe to use from several threads.
package struct Dataset: Sendable {
  /// The path of the file.
  package let path: String
  /// The name, source, license, classes and channels that the file declares.
  package let header: DatasetHeader
  /// The CRC-32 of every array, by its path: equal checksums, equal data.
  package let checksums: [String: UInt32]
  let tables: DatasetTables
  let detection: DetectionTables
  private let samples: Samples

  private enum Samples: Sendable {
    case pixels(any SampleStore<UInt8>)
    case encoded(EncodedImages)
    case features(any SampleStore<Float>)
  }

  /// The default limit of samples in memory: 256 MiB.
  package static let defaultMemoryLimit = 256 << 20

  /// Opens a dataset and checks everything in it but the pixels that stay on disk; see `verify`.
  /// - Parameter memoryLimit: with more bytes of samples than this, images are read from disk one by one. Encoded images stay
  ///   in memory once they are decoded if the samples of all are fewer; otherwise encoded, if these bytes are fewer.
  /// - Throws: `FileError` that names the first thing that is wrong.
  package init(opening path: String, memoryLimit: Int = Dataset.defaultMemoryLimit) throws(FileError) {
    self.path = path
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    header = try DatasetHeader(of: file)
    tables = try DatasetTables(of: file, header: header)
    detection = try DetectionTables(of: file, tables, header: header)
    checksums = try withFileErrors { () throws(HDF5Error) in
      var checksums: [String: UInt32] = [:]
      for array in DatasetSchema.arrays where file.exists(array) {
        checksums[array] = try file.dataset(array).number(ofAttribute: DatasetSchema.checksum, as: UInt32.self)
      }
      return checksums
    }
    if header.features != nil {
      samples = .features(try Self.store(of: file, .float, count: tables.storedCount, memoryLimit))
    } else if header.storage == .samples {
      samples = .pixels(try Self.store(of: file, .uint8, count: tables.storedCount, memoryLimit))
    } else {
      let keepsDecoded = tables.pixelCount <= memoryLimit
      let store: any SampleStore<UInt8> = try Self.store(
        of: file, .uint8, DatasetSchema.encoded, count: tables.storedCount, keepsDecoded ? 0 : memoryLimit)
      samples = .encoded(
        EncodedImages(
          store, tables, ImagePreparation(channels: header.channels, resizing: header.resizing), path: path,
          keepsDecoded: keepsDecoded))
    }
  }

  /// Samples in memory, if they fit, or in their file.
  private static func store<Element: HDF5Element>(
    of file: borrowing HDF5File, _ type: ElementType, _ name: String = DatasetSchema.pixels, count: Int,
    _ memoryLimit: Int
  ) throws(FileError) -> any SampleStore<Element> {
    let dataset = try Self.samples(of: file, type, name, count: count)
    guard count <= memoryLimit / MemoryLayout<Element>.stride else { return FiledSamples<Element>(dataset) }
    let samples = try withFileErrors { () throws(HDF5Error) in try dataset.read(as: Element.self) }
    try dataset.requireChecksum(DatasetSchema.checksum(of: samples))
    return HeldSamples(samples: samples)
  }

  /// The dataset's name.
  package var name: String { header.name }
  /// The source of the data; empty if unspecified.
  package var source: String { header.source }
  /// The data's license; empty if unspecified.
  package var license: String { header.license }
  /// The names of the classes, in the order of their labels.
  package var classNames: [String] { header.classNames }
  /// Channels of every image (1 or 3) or of every feature map.
  package var channels: Int { header.channels }
  /// The number of images or feature maps.
  package var imageCount: Int { tables.heights.count }
  /// The number of regions.
  package var sampleCount: Int { tables.labels.count }
  /// Bytes of image samples kept in memory; 0 if they are read from disk.
  package var heldBytes: Int {
    switch samples {
    case .pixels(let store): store.heldBytes
    case .encoded(let images): images.heldBytes
    case .features(let store): store.heldBytes
    }
  }

  /// The samples of a split in increasing order.
  package func samples(of split: Split) -> [Int] { tables.samples[split] ?? [] }

  /// The class of a sample.
  package func label(of sample: Int) -> Int { Int(tables.labels[sample]) }

  /// The image that a sample lies in.
  package func imageIndex(of sample: Int) -> Int { Int(tables.images[sample]) }

  /// The file that an image came from, as a path within its source; `nil` where it came from none or none was recorded.
  package func fileName(of image: Int) -> String? { tables.files[image] }

  /// The number of images whose files are recorded.
  package var namedImageCount: Int { tables.files.namedCount }

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

  /// Height and width of an image in pixels, or of a feature map in cells, without reading it.
  package func extent(ofImage index: Int) -> Extent {
    Extent(height: Int(tables.heights[index]), width: Int(tables.widths[index]))
  }

  /// An image; traps where the dataset holds feature maps.
  ///
  /// - Parameter wanted: where images are encoded, an extent that is enough; see `DecodedImage`. nil gives every pixel.
  /// - Throws: `FileError` if it is not in memory and cannot be read, or cannot be decoded to what it was.
  package func image(at index: Int, covering wanted: Extent? = nil) throws(FileError) -> Image {
    switch samples {
    case .encoded(let images): return try images.image(at: index, covering: wanted)
    case .pixels(let store):
      let extent = extent(ofImage: index)
      return Image(
        height: extent.height, width: extent.width, channels: channels, pixels: try store.samples(in: range(of: index)))
    case .features: preconditionFailure("Dataset.image: \(path) holds feature maps")
    }
  }

  /// An image as it is stored; traps unless images are encoded.
  /// - Throws: `FileError` if its bytes cannot be read or are not those that were written.
  package func encodedImage(at index: Int) throws(FileError) -> EncodedImage {
    guard case .encoded(let images) = samples else { preconditionFailure("Dataset.encodedImage: \(path) has none") }
    return try images.encoded(at: index)
  }

  /// A feature map `[height, width, channels]` in row-major order; traps where the dataset holds images.
  /// - Throws: `FileError` if it is not in memory and cannot be read.
  package func featureMap(at index: Int) throws(FileError) -> Tensor {
    let extent = extent(ofImage: index)
    var map = Tensor(uninitialized: [extent.height, extent.width, channels])
    try readFeatureMap(at: index, into: &map, from: 0)
    return map
  }

  /// Puts the feature map of an image into a tensor, from an element on.
  /// - Throws: `FileError` if it is not in memory and cannot be read.
  package func readFeatureMap(at index: Int, into tensor: inout Tensor, from first: Int) throws(FileError) {
    guard case .features(let store) = samples else { preconditionFailure("Dataset.featureMap: \(path) holds images") }
    let range = range(of: index)
    precondition(first >= 0 && range.count <= tensor.count - first, "Dataset: no room for a feature map")
    try tensor.withMutableSpan(of: first..<first + range.count) { span throws(FileError) in
      try store.read(range, into: &span)
    }
  }

  private func range(of index: Int) -> Range<Int> {
    tables.range(of: index)
  }

  /// Reads all samples, slice by slice, and compares their checksum; encoded images are also decoded, on all processors.
  /// - Throws: `FileError` if they differ from what was written.
  package func verify() throws(FileError) {
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    if header.features != nil {
      try verify(file, .float, DatasetSchema.pixels, Float.self)
    } else if header.storage == .samples {
      try verify(file, .uint8, DatasetSchema.pixels, UInt8.self)
    } else {
      try verify(file, .uint8, DatasetSchema.encoded, UInt8.self)
      let images = Prefetcher(0..<imageCount, threads: ProcessInfo.processInfo.activeProcessorCount) {
        [self] index throws(FileError) in
        _ = try image(at: index)
        _ = try encodedImage(at: index)
      }
      defer { images.stop() }
      for _ in 0..<imageCount { try images.next() }
    }
  }

  private func verify<Element: HDF5Element>(
    _ file: borrowing HDF5File, _ type: ElementType, _ name: String, _: Element.Type
  ) throws(FileError) {
    let dataset = try Self.samples(of: file, type, name, count: tables.storedCount)
    var checksum: UInt32 = 0
    let step = 4 << 20
    for start in stride(from: 0, to: tables.storedCount, by: step) {
      let rows = start..<min(start + step, tables.storedCount)
      let slice = try withFileErrors { () throws(HDF5Error) in try dataset.read(rows: rows, as: Element.self) }
      checksum = CRC32(of: slice, from: checksum).value
    }
    try dataset.requireChecksum(checksum)
  }

  private static func samples(
    of file: borrowing HDF5File, _ type: ElementType, _ name: String, count: Int
  ) throws(FileError) -> HDF5Dataset {
    // Pixels are compressed; features and encoded images are not.
    let dataset = try withFileErrors { () throws(HDF5Error) in
      try file.dataset(name, keepsChunks: type == .uint8 && name == DatasetSchema.pixels)
    }
    try dataset.require(type, shape: [count])
    return dataset
  }
}
