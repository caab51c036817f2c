internal import Foundation
internal import Kernels
internal import Support
internal import Training

/// Measures the drift of a study's chosen pretrained runs from their source models, unless it is known, while
/// the weights still exist. That of detectors is not measured: it compares answers for whole samples.
struct DriftMeasurement {
  private typealias Pair = (model: PlannedRun, run: PlannedRun)

  private let plan: StudyPlan
  /// Runs by source model, in the order to measure them.
  private let groups: [[Pair]]

  /// The number of runs to measure.
  var count: Int { groups.reduce(0) { $0 + $1.count } }

  /// - Parameter isKnown: whether a run's drift was measured before.
  init(_ progress: StudyProgress, isKnown: (PlannedRun) -> Bool) {
    plan = progress.plan
    var runs: [Pair] = []
    var known: Set<String> = []
    for case .cell(let cell, .chosen(let selection)) in progress.entries {
      guard let model = cell.sourceModel else { continue }
      let run = selection.chosen
      guard
        !selection.hasDiverged, run.configuration.taskKind != .detection, known.insert(run.directory.name).inserted,
        FileManager.default.fileExists(atPath: run.directory.best),
        FileManager.default.fileExists(atPath: model.directory.best), !isKnown(run)
      else { continue }
      runs.append((model, run))
    }
    // What runs of one source model on one target have in common is worked out once; the models go side by side where
    // there are enough of them: those with many runs are dealt to the workers first.
    let workers = plan.study.workers
    let sorted = Dictionary(grouping: runs, by: \.model.directory.name).values.sorted {
      ($1.count, $0[0].model.directory.name) < ($0.count, $1[0].model.directory.name)
    }
    groups = (0..<workers).flatMap { first in
      stride(from: first, to: sorted.count, by: workers).map { sorted[$0] }
    }
  }

  /// Measures every run.
  /// - Parameters:
  ///   - pool: what source models are spread over.
  ///   - shouldStop: polled before each run and each batch.
  ///   - store: keeps a run's drift; called from several threads.
  /// - Throws: `FileError` where weights or a dataset cannot be read, `Interruption.stopped`; what is measured is
  ///   stored.
  func run(
    on pool: ThreadPool, shouldStop: () -> Bool, store: (Drift, PlannedRun) throws -> Void,
    progress report: (_ done: Int, _ total: Int) -> Void
  ) throws {
    let total = count
    let state = Locked<(done: Int, failure: (any Error)?)>((0, nil))
    func measure(_ group: [Pair]) {
      do {
        var gauge = try DriftGauge(
          source: group[0].model.directory, reinitialized: plan.study.reinitialize, pool: pool,
          shouldStop: shouldStop)
        for (_, run) in group.sorted(by: { $0.run.configuration.data.path < $1.run.configuration.data.path }) {
          guard !shouldStop(), state.withLock({ $0.failure == nil }) else { return }
          try store(gauge.drift(of: run.directory, shouldStop: shouldStop), run)
          state.withLock {
            $0.done += 1
            report($0.done, total)
          }
        }
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
    }
    if groups.count < pool.threads {
      pool.use { groups.forEach(measure) }
    } else {
      pool.parallel(groups.count) { measure(groups[$0]) }
    }
    if shouldStop() { throw Interruption.stopped }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}
