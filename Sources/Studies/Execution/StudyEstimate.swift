internal import Foundation
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Training

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a study will take: runs, time and disk.
package struct StudyEstimate {
  private let plan: StudyPlan
  private let work: StudyWork
  private let outlines: [String: DatasetOutline]
  private var open: [StudyJob]
  private let toCome: [StudyWork.Expected]
  /// Runs of fine-tuning in the first grids, each once, and those that extensions could add.
  package let runs: Int
  package let moreRuns: Int
  package let done: Int
  package let left: Int
  /// What lies on the disk when the last run is done: each one's weights.
  package private(set) var bytes = 0

  package init(_ plan: StudyPlan) throws {
    self.plan = plan
    (work, outlines) = (StudyWork(plan), DatasetOutline.all(of: plan))
    var progress = StudyProgress(plan)
    let jobs = try progress.jobs()
    (open, toCome) = (jobs.open, try progress.jobsToCome())
    done = jobs.done.count
    left = open.count + toCome.reduce(0) { $0 + $1.jobs }
    runs = try progress.runs().count - plan.sources.count + toCome.reduce(0) { $0 + $1.runs }
    moreRuns =
      plan.cells.filter { $0.leader == nil }.reduce(0) { $0 + $1.trials.count } * plan.study.search.extensions
    var record = StudyRecord(progress)
    func bytes(_ configuration: Configuration) -> Int { (record.cost(of: configuration)?.parameters ?? 0) * 4 }
    self.bytes = try progress.runs().reduce(0) { $0 + bytes($1.configuration) }
    self.bytes += toCome.reduce(0) { $0 + $1.runs * bytes($1.cell.base) }
  }

  /// Seconds that are left, by the processor time of a few steps of each network, measured now on one thread: what else the
  /// machine does now is left out, and so are extensions of the grids.
  /// - Throws: `ShapeError` where a network does not fit what it is fed, `StorageError`, `TrainingError` or `YAMLError` where
  ///   a backbone cannot be used.
  package mutating func secondsLeft() throws -> Double {
    var speeds: [String: Double] = [:]
    func seconds(_ amount: Double, _ configuration: Configuration) throws -> Double {
      guard amount > 0, let outline = outlines[configuration.data.path] else { return 0 }
      let key = "\(configuration.network) \(configuration.freeze) \(configuration.data) \(outline.classes)"
      if speeds[key] == nil { speeds[key] = try Self.secondsOfWork(configuration, outline) }
      return amount * (speeds[key] ?? 0)
    }
    var total = 0.0
    for job in open { total += try seconds(work.amount(of: job), job.run.configuration) }
    for expected in toCome { total += try seconds(work.amount(of: expected), expected.cell.base) }
    // The movement of a run is told when all are done.
    if left > 0 { for cell in plan.cells { total += try seconds(work.movement(of: cell), cell.base) } }
    total += Self.secondsOfProcess * Double(left)
    for dataset in DerivedDataset.all(of: plan.study, in: plan.directory) {
      total += try Self.secondsOfFeatures(dataset)
    }
    return total / Double(plan.study.workers)
  }

  /// What a process takes to begin, to read dataset and weights, and to save.
  private static let secondsOfProcess = 0.15

  /// Seconds for an image forward, a third of a training step's.
  private static func secondsOfWork(_ configuration: Configuration, _ outline: DatasetOutline) throws -> Double {
    let data = configuration.data
    guard case .maps(let given?, let channels) = outline.input(of: configuration) else { return 0 }
    var benchmark = TrainingBenchmark(
      network: configuration.network, threads: 1, batch: data.batch, classes: outline.classes,
      sizes: data.sizes.isEmpty ? [max(given.height, given.width)] : data.sizes, channels: channels,
      isFedFeatures: outline.imageChannels != nil)
    benchmark.freeze = configuration.freeze
    benchmark.now = processorTime
    let steps = try benchmark.run(steps: 7, warmup: 2).milliseconds.sorted()
    return steps[steps.count / 2] / 1000 / Double(data.batch) / 3
  }

  /// Seconds of one thread to make a dataset's feature maps, if it lacks them.
  private static func secondsOfFeatures(_ dataset: DerivedDataset) throws -> Double {
    guard let features = dataset.features, !FileManager.default.fileExists(atPath: dataset.path) else { return 0 }
    var configuration = try features.configuration(of: dataset.base)
    configuration.threads = 1
    let extraction = try FeatureExtraction(configuration)
    let start = processorTime()
    let images = try extraction.rehearse()
    return Double(processorTime() - start) * 1e-9 / Double(images) * Double(extraction.count)
  }

  /// Nanoseconds of the process, of whose ticks POSIX has a million a second.
  private static let processorTime: @Sendable () -> UInt64 = { UInt64(clock()) * 1000 }
}
