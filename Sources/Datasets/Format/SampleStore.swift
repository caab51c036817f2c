import HDF5
internal import Support

/// The store of a dataset's samples: bytes of images or numbers of feature maps.
protocol SampleStore<Element>: Sendable {
  associatedtype Element: HDF5Element
  /// Bytes of samples that are kept in memory.
  var heldBytes: Int { get }
  /// The samples in a range.
  func samples(in range: Range<Int>) throws(FileError) -> [Element]
  /// Puts the samples in a range into memory for as many.
  func read(_ range: Range<Int>, into span: inout MutableSpan<Element>) throws(FileError)
}

/// All samples in memory.
struct HeldSamples<Element: HDF5Element>: SampleStore {
  let samples: [Element]
  var heldBytes: Int { samples.count * MemoryLayout<Element>.stride }

  func samples(in range: Range<Int>) throws(FileError) -> [Element] { Array(samples[range]) }

  func read(_ range: Range<Int>, into span: inout MutableSpan<Element>) throws(FileError) {
    span.update(from: samples[range])
  }
}

/// Samples that stay in their file and are read slice by slice.
final class FiledSamples<Element: HDF5Element>: SampleStore {
  private let dataset: HDF5Dataset
  var heldBytes: Int { 0 }

  init(_ dataset: consuming HDF5Dataset) { self.dataset = dataset }

  func samples(in range: Range<Int>) throws(FileError) -> [Element] {
    try withFileErrors { () throws(HDF5Error) in try dataset.read(rows: range, as: Element.self) }
  }

  func read(_ range: Range<Int>, into span: inout MutableSpan<Element>) throws(FileError) {
    try withFileErrors { () throws(HDF5Error) in try dataset.read(rows: range, into: &span) }
  }
}
