internal import Foundation
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
        (try? RunDirectory.readJSON(Movement.self, from: run.directory.movement)) == nil
      else { continue }
      runs.append((model, run))
    }
    var done = 0
    // What runs of one source model on one target have in common is worked out once.
    for (_, group) in Dictionary(grouping: runs, by: \.model.directory.name).sorted(by: { $0.key < $1.key }) {
      var gauge = try MovementGauge(
        source: group[0].model.directory, leave: plan.study.leave, threads: plan.study.workers)
      for (_, run) in group.sorted(by: { $0.run.configuration.data.path < $1.run.configuration.data.path }) {
        if Interruption.isRequested { throw Interruption.stopped }
        try RunDirectory.writeJSON(gauge.movement(of: run.directory), to: run.directory.movement)
        done += 1
        report(done, runs.count)
      }
    }
  }
}
