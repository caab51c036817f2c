internal import Reports
internal import Support
internal import Training

/// What a run's page shows.
public struct RunPage: Sendable, Equatable {
  /// A dataset file to measure the network on; nil is the run's own.
  public var dataset: String?
  /// The part of the dataset. Nothing may be chosen on test images, so that it is validation by default.
  public var split = LabeledDataset.Split.validation
  /// Which of the run's weights.
  public var weights = TrainingRun.Weights.best
  /// How the dataset's classes are matched with the network's.
  public var classes = ClassMatchingRule.byName()
  /// The image of the dataset, counted from 0, whose feature maps are shown; nil shows none.
  public var picture: Int?
  /// The file to write; nil is `report.html` in the run's directory.
  public var file: String?
  /// Whether another file that is there is replaced; otherwise that is an error of the kind `exists`. The page in the run's own
  /// directory is always written again.
  public var overwrites = false

  /// A page of the best weights on the run's own validation images, in the run's directory.
  public init() {}

  fileprivate var options: RunReportOptions {
    var options = RunReportOptions()
    (options.dataset, options.split, options.picture) = (dataset, split.value, picture)
    (options.weights, options.classes) = (weights == .best ? .best : .last, classes.value)
    return options
  }

  /// Throws unless the file may be written.
  fileprivate func place(in run: RunDirectory) throws -> String {
    let place = try RunReport.page(of: run)
    if file == nil, RunReport.isPage(place) { return place }
    let (path, own) = (file ?? place, [try run.loadConfiguration().data.path])
    switch try OutputFile(path, inputs: run.ownFiles + own + [dataset].compactMap(\.self)).problem(
      replacing: overwrites)
    {
    case nil: return path
    case .exists: throw BulkheadError(.exists, "\(path): it exists already; choose another path, or set overwrites")
    case .isInput(let input):
      throw BulkheadError(.exists, "\(path): it is read, as \(input), and is never replaced; choose another path")
    }
  }
}

extension TrainingRun {
  /// Writes a page about the run, finished or not: one HTML file that needs no other, with learning curves, results by class,
  /// mistakes as pictures, and of a detector ground truth and detections.
  ///
  /// - Parameters:
  ///   - page: what it shows and where it is written.
  ///   - onProgress: called on this thread with a dataset's path, the samples done and all of them.
  ///   - isCancelled: looked at between batches; by default whether the current task is cancelled.
  /// - Returns: the page's path.
  /// - Throws: ``BulkheadError``: `missing` where there is no run or no dataset, `invalid` where they do not fit, `exists` for a
  ///   file that is not to be replaced, `cancelled`, or `system`.
  @discardableResult
  public func writePage(
    _ page: RunPage = RunPage(), onProgress: (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> String {
    try translatingErrors {
      let path = try page.place(in: paths)
      try RunReport(of: paths, page.options, shouldStop: isCancelled, progress: onProgress).write(to: path)
      return path
    }
  }

  /// Writes a page about the run again and again, whenever it has come further, until it has ended or this is cancelled.
  ///
  /// - Parameters:
  ///   - page: what it shows and where it is written.
  ///   - onWrite: called on this thread with the page's path after each write.
  ///   - isCancelled: looked at between batches and every second; by default whether the current task is cancelled.
  /// - Throws: ``BulkheadError``, as ``writePage(_:onProgress:isCancelled:)``; being cancelled is no error.
  public func followPage(
    _ page: RunPage = RunPage(), onWrite: (_ path: String) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) {
    try translatingErrors {
      let path = try page.place(in: paths)
      try RunReport.follow(paths, page.options, to: path, shouldStop: isCancelled) { _ in onWrite(path) }
    }
  }
}
