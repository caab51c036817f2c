internal import Datasets
internal import Foundation
internal import Support

/// Makes one dataset file of one source: the same bytes for the same input and seed.
///
/// Duplicate images go first; then each class is split by its own shuffle of the seed. Of equal images under one label the
/// first is kept; equal images under different labels all go. An image with several boxes is split by the class of its
/// first. A preparation is a plain value: make one, change what is to be different, and run it as often as you like.
public struct DatasetPreparation: Sendable, Equatable {
  /// What the dataset is made from.
  public var source: Source
  /// The dataset's name.
  public var name: String
  /// Where the data come from, for the file's header.
  public var origin = ""
  /// The data's license, for the file's header.
  public var license = ""
  /// The names of labels 0, 1, …; nil takes the folders' or the source's names, or the numbers.
  public var classNames: [String]?
  /// 1 for gray, 3 for color; nil leaves images as they are, and makes all color as soon as one is.
  public var channels: Int?
  /// Pixels that the shorter side of each image is scaled to; nil keeps the size.
  public var shorterSide: Int?
  /// Pixels that both sides of each image are scaled to, the aspect ratio not kept; nil keeps the size.
  public var squareSide: Int?
  /// The side in pixels of a square that is then cut from the middle; nil keeps everything.
  public var crop: Int?
  /// A file of boxes that may hold objects, by the images' names: COCO results, CSV, `.npz` or MATLAB's 7.3; nil for none.
  public var proposals: String?
  /// How images are stored; nil stores image files as they are, unless they are resized or larger than their samples, and
  /// arrays as samples.
  public var storage: LabeledDataset.Storage?
  /// Threads that read and decode image files; the dataset does not depend on them.
  public var threads = ProcessInfo.processInfo.activeProcessorCount
  /// Whether images that are there twice are left out.
  public var removesDuplicates = true
  /// What of each class is trained on.
  public var train = Share.rest
  /// What of each class validates; nil takes the source's own validation set, or a tenth of everything where there is none.
  public var validation: Share?
  /// What of each class tests; nil takes the source's own test set, or a fifth of everything where it has no splits.
  public var test: Share?
  /// What of each class is left out before anything else: with the same seed, what another dataset of the source has.
  public var omitted = Share.count(0)
  /// Fixes the splits.
  public var seed: UInt64 = 0
  /// Whether images that cannot be read are left out and listed, instead of ending the preparation.
  public var skipsUnreadable = false
  /// Whether a file that is at the path already is replaced; otherwise that is an error of the kind `exists`. A file of the
  /// source is never replaced.
  public var overwrites = false

  /// A preparation with the defaults.
  public init(_ source: Source, name: String) { (self.source, self.name) = (source, name) }

  /// Makes the dataset file; it appears whole or not at all.
  ///
  /// - Parameters:
  ///   - path: the file to write.
  ///   - onProgress: called on this thread with the work done and the whole of it, in images read.
  ///   - isCancelled: looked at before each image; by default whether the current task is cancelled.
  /// - Throws: ``BulkheadError`` for the first thing that is wrong with the source or cannot be written, or of the kind
  ///   `cancelled` or `exists`; a file that was at the path is then as it was.
  @discardableResult
  public func run(
    writingTo path: String, onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> Report {
    try translatingErrors {
      if let problem = resizing?.problem { throw BulkheadError(.invalid, "DatasetPreparation: \(problem)") }
      guard [nil, 1, 3].contains(channels) else {
        throw BulkheadError(.invalid, "DatasetPreparation: channels is \(channels ?? 0); expected 1 or 3")
      }
      guard (1...1024).contains(threads) else {
        throw BulkheadError(.invalid, "DatasetPreparation: threads is \(threads); expected 1 to 1024")
      }
      switch try OutputFile(path, inputs: source.value.paths).problem(replacing: overwrites) {
      case nil: break
      case .exists:
        throw BulkheadError(.exists, "\(path): it exists already; choose another path, or set overwrites")
      case .isInput(let input):
        throw BulkheadError(.exists, "\(path): it is read, as \(input), and is never replaced; choose another path")
      }
      return Report(try preparation.run(writingTo: path, shouldStop: isCancelled, progress: onProgress))
    }
  }

  /// Makes the dataset file on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameters:
  ///   - path: the file to write.
  ///   - onProgress: called on that thread with the work done and the whole of it, in images read.
  /// - Throws: as the synchronous function does.
  @discardableResult
  public func run(
    writingTo path: String, onProgress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(BulkheadError) -> Report {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try run(writingTo: path, onProgress: onProgress, isCancelled: isCancelled)
    }
  }

  private var resizing: ImageResizing? {
    ImageResizing(shorter: shorterSide, square: squareSide, crop: crop).ifAny
  }

  private var preparation: Preparation {
    var preparation = Preparation(source: source.value, name: name, origin: origin, license: license)
    (preparation.classNames, preparation.channels, preparation.resizing) = (classNames, channels, resizing)
    (preparation.train, preparation.validation, preparation.test) = (train.value, validation?.value, test?.value)
    (preparation.omitted, preparation.seed, preparation.proposals) = (omitted.value, seed, proposals)
    (preparation.storage, preparation.threads) = (storage?.value, threads)
    (preparation.removesDuplicates, preparation.skipsUnreadable) = (removesDuplicates, skipsUnreadable)
    return preparation
  }
}
