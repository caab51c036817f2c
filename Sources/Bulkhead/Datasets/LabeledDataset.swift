internal import Datasets

/// A dataset file: images of any sizes, or feature maps, with labeled regions in them and three splits.
///
/// A sample is one region; an image without boxes is one sample. A value that was opened is never changed, and may be used
/// from several threads at once. The format is described in `docs/dataset.md`.
public struct LabeledDataset: Sendable {
  /// A part of a dataset.
  public enum Split: String, Sendable, CaseIterable {
    /// What networks are trained on.
    case train
    /// What chooses among epochs and learning rates.
    case validation
    /// What is looked at once, in the end.
    case test
  }

  /// How the file holds its images.
  public enum Storage: String, Sendable, CaseIterable {
    /// As samples, ready to use; feature maps always.
    case samples
    /// As the bytes of image files, decoded and checked whenever an image is read.
    case encoded
  }

  let value: Dataset

  /// Opens a dataset and checks everything in it but the pixels that stay on disk; see ``verify()``.
  ///
  /// - Parameters:
  ///   - path: the file, as ``DatasetPreparation`` or `bulkhead prepare` wrote it.
  ///   - memoryLimit: bytes; with more samples than that, images are read from disk one by one. By default 256 MiB. Encoded
  ///     images stay in memory once they are decoded if the samples of all are fewer; otherwise encoded, if these bytes are.
  /// - Throws: ``BulkheadError`` of the kind `missing`, or `invalid` with the first thing that is wrong.
  public init(opening path: String, memoryLimit: Int = 256 << 20) throws(BulkheadError) {
    value = try translatingErrors { try Dataset(opening: path, memoryLimit: memoryLimit) }
  }

  /// The file's path.
  public var path: String { value.path }
  /// The dataset's own name.
  public var name: String { value.name }
  /// Where the data come from; empty where that is not recorded.
  public var source: String { value.source }
  /// The data's license; empty where that is not recorded.
  public var license: String { value.license }
  /// The names of the classes, in the order of their labels.
  public var classNames: [String] { value.classNames }
  /// 1 for gray and 3 for color images; of feature maps their channels.
  public var channels: Int { value.channels }
  /// The number of images.
  public var imageCount: Int { value.imageCount }
  /// The number of samples, in all splits together.
  public var sampleCount: Int { value.sampleCount }
  /// How the file holds its images.
  public var storage: Storage { value.header.storage == .encoded ? .encoded : .samples }
  /// Whether it holds a backbone's feature maps in place of images.
  public var holdsFeatureMaps: Bool { value.header.features != nil }
  /// The least and the greatest height of an image in pixels, or of a map in cells; nil without images.
  public var heights: ClosedRange<Int>? { value.extentRange?.heights }
  /// The least and the greatest width of an image in pixels, or of a map in cells; nil without images.
  public var widths: ClosedRange<Int>? { value.extentRange?.widths }

  /// The file that an image came from, as a path within its source such as `cat/17.jpg`.
  ///
  /// - Parameter image: its index, 0 to ``imageCount`` − 1.
  /// - Returns: nil where the image came from no file of its own, or the dataset was made before names were kept.
  public func fileName(ofImage image: Int) -> String? { value.fileName(of: image) }

  /// The number of samples in a split.
  public func count(of split: Split) -> Int { value.samples(of: split.value).count }

  /// The number of samples of each class in a split, in the order of ``classNames``.
  public func countsByClass(of split: Split) -> [Int] { value.sampleCounts(of: split.value) }

  /// Reads all samples and compares them with the checksums that were written with them.
  ///
  /// - Throws: ``BulkheadError`` of the kind `invalid` if they differ.
  public func verify() throws(BulkheadError) { try translatingErrors { try value.verify() } }
}

extension LabeledDataset.Storage {
  /// The module's own.
  var value: ImageStorage {
    switch self {
    case .samples: .samples
    case .encoded: .encoded
    }
  }
}

extension LabeledDataset.Split {
  /// The module's own.
  var value: Split {
    switch self {
    case .train: .train
    case .validation: .validation
    case .test: .test
    }
  }
}
