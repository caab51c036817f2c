internal import Foundation
internal import Kernels
internal import Support
internal import Synchronization
internal import Training

extension StudyRecord {
  /// Writes beside each chosen pretrained run how far it moved, where that is not known and the weights are still there.
  /// - Parameter progress: called with the number of runs that were measured.
  /// - Throws: `Interruption.stopped` with what is measured kept.
  package mutating func writeMovements(progress report: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws {
    var runs: [(model: PlannedRun, run: PlannedRun)] = []
    var known: Set<String> = []
    for index in plan.cells.indices {
      guard let selection = try progress.selection(of: index), let model = plan.cells[index].sourceModel else {
        continue
      }
      let run = selection.chosen
      guard
        !selection.hasDiverged, known.insert(run.directory.name).inserted,
        FileManager.default.fileExists(atPath: run.directory.best),
        FileManager.default.fileExists(atPath: model.directory.best),
        (try? JSONFile.read(Movement.self, from: run.directory.movement)) == nil
      else { continue }
      runs.append((model, run))
    }
    // What runs of one source model on one target have in common is worked out once; the models go side by side where
    // there are enough of them: those with many runs are dealt to the workers first.
    let workers = plan.study.workers
    let sorted = Dictionary(grouping: runs, by: \.model.directory.name).values.sorted {
      ($1.count, $0[0].model.directory.name) < ($0.count, $1[0].model.directory.name)
    }
    let groups = (0..<workers).flatMap { first in
      stride(from: first, to: sorted.count, by: workers).map { sorted[$0] }
    }
    let state = Mutex<(done: Int, failure: (any Error)?)>((0, nil))
    func measure(_ group: [(model: PlannedRun, run: PlannedRun)]) {
      do {
        var gauge = try MovementGauge(source: group[0].model.directory, leave: plan.study.leave, threads: workers)
        for (_, run) in group.sorted(by: { $0.run.configuration.data.path < $1.run.configuration.data.path }) {
          guard !Interruption.isRequested, state.withLock({ $0.failure == nil }) else { return }
          try JSONFile.write(gauge.movement(of: run.directory), to: run.directory.movement)
          state.withLock {
            $0.done += 1
            report($0.done, runs.count)
          }
        }
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
    }
    ThreadPool.configure(threads: workers)
    if groups.count < workers {
      groups.forEach(measure)
    } else {
      ThreadPool.shared.parallel(groups.count) { measure(groups[$0]) }
    }
    if Interruption.isRequested { throw Interruption.stopped }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }
}
