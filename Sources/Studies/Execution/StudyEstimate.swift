internal import Foundation
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Training

/// The estimated cost of a study: runs, time and disk space.
package struct StudyEstimate {
  private let plan: StudyPlan
  private let work: StudyWork
  private let outlines: [String: DatasetOutline]
  private let open: [StudyJob]
  private let toCome: [StudyWork.Expected]
  /// Runs of fine-tuning in the first grids, each once, and those that extensions could add.
  package let runs: Int
  /// Runs that extensions of the grids could add.
  package let moreRuns: Int
  /// Jobs that are done.
  package let done: Int
  /// Jobs that are left, without extensions.
  package let left: Int
  /// The disk space of all runs' weights, in bytes.
  package private(set) var bytes = 0

  /// - Throws: `FileError` where a run's file is damaged.
  package init(_ plan: StudyPlan) throws {
    self.plan = plan
    (work, outlines) = (StudyWork(plan), plan.outlines)
    let progress = try StudyProgress(reading: plan)
    let jobs = progress.jobs
    (open, toCome) = (jobs.open, progress.jobsToCome)
    done = jobs.done.count
    left = open.count + toCome.reduce(0) { $0 + $1.jobs }
    runs = progress.runs.count - plan.sources.count + toCome.reduce(0) { $0 + $1.runs }
    moreRuns =
      plan.cells.filter { $0.leader == nil }.reduce(0) { $0 + $1.trials.count } * plan.study.search.extensions
    let costs = NetworkCosts(of: plan)
    func bytes(_ configuration: Configuration) -> Int { (costs[configuration]?.parameters ?? 0) * 4 }
    self.bytes = progress.runs.reduce(0) { $0 + bytes($1.configuration) }
    self.bytes += toCome.reduce(0) { $0 + $1.runs * bytes($1.cell.base) }
  }

  /// Seconds that are left, by the processor time of a few steps of each network, measured now (see `StudyCalibration`);
  /// extensions of the grids are left out.
  /// - Parameter calibration: what was measured already of these networks.
  /// - Throws: `ShapeError` where a network does not fit what it is fed, `TrainingError` or `YAMLError` where a backbone
  ///   cannot be used.
  package func secondsLeft(by calibration: StudyCalibration = StudyCalibration()) throws -> Double {
    func seconds(_ amount: Double, _ configuration: Configuration) throws -> Double {
      guard amount > 0, let outline = outlines[configuration.data.path] else { return 0 }
      return amount * (try calibration.secondsPerImage(configuration, outline))
    }
    var total = 0.0
    for job in open { total += try seconds(work.amount(of: job), job.run.configuration) }
    for expected in toCome { total += try seconds(work.amount(of: expected), expected.cell.base) }
    // Drift is measured when all runs are done.
    if left > 0 { for cell in plan.cells { total += try seconds(work.drift(of: cell), cell.base) } }
    total += StudyCalibration.secondsPerProcess * Double(left)
    for dataset in plan.datasets {
      guard let recipe = dataset.features, let base = plan.baseOutline(of: dataset),
        !FileManager.default.fileExists(atPath: dataset.path)
      else { continue }
      let images = Double(base.samples.values.reduce(0, +))
      total += images * (try calibration.secondsPerMap(recipe.configuration(of: dataset.base), base))
    }
    return total / Double(plan.study.workers)
  }
}
