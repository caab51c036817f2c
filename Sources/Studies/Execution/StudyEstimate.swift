internal import Images
internal import Layers
internal import Storage
internal import Training

#if canImport(Glibc)
  internal import Glibc
#endif

/// What a study will take: runs, time and disk.
package struct StudyEstimate {
  private let plan: StudyPlan
  private let work: StudyWork
  private var open: [StudyJob]
  private let toCome: [StudyWork.Expected]
  /// Runs of fine-tuning in the first grids, each once, and those that extensions could add.
  package let runs: Int
  package let moreRuns: Int
  package let done: Int
  package let left: Int
  /// Checkpoints of every run at once, two each with the momentum.
  package private(set) var bytes = 0

  package init(_ plan: StudyPlan) throws {
    self.plan = plan
    work = StudyWork(plan)
    var progress = StudyProgress(plan)
    let jobs = try progress.jobs()
    (open, toCome) = (jobs.open, try progress.jobsToCome())
    done = jobs.done.count
    left = open.count + toCome.reduce(0) { $0 + $1.jobs }
    runs = try progress.runs().count - plan.sources.count + toCome.reduce(0) { $0 + $1.runs }
    moreRuns =
      plan.cells.filter { $0.leader == nil }.reduce(0) { $0 + $1.trials.count } * plan.study.search.extensions
    var record = StudyRecord(progress)
    for run in try progress.runs() {
      // Best weights, and the last with their momentum, in four bytes a number.
      bytes += (record.cost(of: run.configuration)?.parameters ?? 0) * 4 * 3
    }
    for cell in toCome { bytes += cell.runs * (record.cost(of: cell.cell.base)?.parameters ?? 0) * 4 * 3 }
  }

  /// Seconds that are left, by the processor time of a few steps of each network, measured now on one thread: what else the
  /// machine does now is left out.
  package mutating func secondsLeft() throws -> Double {
    var speeds: [String: Double] = [:]
    func seconds(_ amount: Double, _ configuration: Configuration) throws -> Double {
      let data = configuration.data
      let key = "\(configuration.network) \(configuration.freeze) \(data.path) \(data.batch) \(data.sizes)"
      if speeds[key] == nil { speeds[key] = try Self.secondsOfWork(configuration) }
      return amount * (speeds[key] ?? 0)
    }
    var total = 0.0
    for job in open { total += try seconds(work.amount(of: job), job.run.configuration) }
    for expected in toCome { total += try seconds(work.amount(of: expected), expected.cell.base) }
    total += Self.secondsOfProcess * Double(left)
    return total / Double(plan.study.workers)
  }

  /// What a process takes to begin, to read dataset and weights, and to save.
  private static let secondsOfProcess = 0.15

  /// Seconds for an image forward, a third of a training step's.
  private static func secondsOfWork(_ configuration: Configuration) throws -> Double {
    let data = configuration.data
    let dataset = try Dataset(opening: data.path, memoryLimit: 0)
    let own = dataset.extent(ofImage: 0)
    let given = data.evaluationTransform(of: own).extent(of: own)
    var benchmark = TrainingBenchmark(
      network: configuration.network, threads: 1, batch: data.batch, classes: dataset.classNames.count,
      sizes: data.sizes.isEmpty ? [max(given.height, given.width)] : data.sizes,
      channels: data.channels ?? dataset.channels, isFedFeatures: dataset.header.features != nil)
    benchmark.freeze = configuration.freeze.filter { !benchmark.isFedFeatures || !$0.hasPrefix("features.") }
    // The process's own, of which POSIX has a million a second.
    benchmark.now = { UInt64(clock()) * 1000 }
    let steps = try benchmark.run(steps: 7, warmup: 2).milliseconds.sorted()
    return steps[steps.count / 2] / 1000 / Double(data.batch) / 3
  }
}
