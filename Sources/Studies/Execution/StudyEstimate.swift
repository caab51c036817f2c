internal import Layers
internal import Training

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

  /// Seconds that are left, by the speed of a few steps of each network, measured now on one thread.
  package mutating func secondsLeft() throws -> Double {
    var speeds: [String: Double] = [:]
    func seconds(_ amount: Double, _ configuration: Configuration) throws -> Double {
      let key = "\(configuration.network) \(configuration.data.batch) \(configuration.data.sizes)"
      if speeds[key] == nil { speeds[key] = try Self.secondsOfWork(configuration) }
      return amount * (speeds[key] ?? 0)
    }
    var total = 0.0
    for job in open { total += try seconds(work.amount(of: job), job.run.configuration) }
    for expected in toCome { total += try seconds(work.amount(of: expected), expected.cell.base) }
    // A process begins in about 50 ms.
    total += 0.05 * Double(left)
    return total / Double(plan.study.workers)
  }

  /// Seconds for an image forward, a third of a training step's.
  private static func secondsOfWork(_ configuration: Configuration) throws -> Double {
    let sizes = configuration.data.sizes.isEmpty ? [configuration.data.evaluationSize ?? 32] : configuration.data.sizes
    let batch = configuration.data.batch
    let steps = try TrainingBenchmark(network: configuration.network, threads: 1, batch: batch, sizes: sizes)
      .run(steps: 5, warmup: 2).milliseconds.sorted()
    return steps[steps.count / 2] / 1000 / Double(batch) / 3
  }
}
