import HDF5

/// Where a dataset's samples are taken from.
protocol PixelStore: Sendable {
  /// Bytes of samples that are kept in memory.
  var heldBytes: Int { get }
  /// The samples in a range.
  func samples(in range: Range<Int>) throws(StorageError) -> [UInt8]
}

/// All samples in memory.
struct HeldPixels: PixelStore {
  let samples: [UInt8]
  var heldBytes: Int { samples.count }

  func samples(in range: Range<Int>) throws(StorageError) -> [UInt8] { Array(samples[range]) }
}

/// Samples that stay in their file and are read slice by slice.
final class FiledPixels: PixelStore {
  private let dataset: HDF5Dataset
  var heldBytes: Int { 0 }

  init(_ dataset: consuming HDF5Dataset) { self.dataset = dataset }

  func samples(in range: Range<Int>) throws(StorageError) -> [UInt8] {
    try storing { () throws(HDF5Error) in try dataset.read(rows: range, as: UInt8.self) }
  }
}
