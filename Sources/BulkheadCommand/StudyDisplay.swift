import Studies
import Training

/// Shows a study's progress and warnings on standard error.
final class StudyDisplay {
  private var bar: ProgressLine?
  private var last = 0

  func show(_ event: StudyEvent) {
    switch event {
    case .advanced(let phase, let done, let total):
      advance(to: done, ProgressLine(phase.title, total: total, startedAt: phase.startsAt(done), unit: phase.unit))
    case .ended: end()
    case .madeDataset(let path, let domain):
      bar = nil
      standardError("\(path): made for \(domain)\n")
    case .jobs(let status): show(status)
    case .jobsEnded(let status):
      last = status.done
      end(note: "\(status.failed) failed")
    case .warning(let text): standardError("warning: \(text)\n")
    case .failed(let failure): standardError("failed: \(failure.job.name): \(failure.reason)\n")
    }
  }

  private func show(_ status: StudyRunner.Status) {
    let share = status.work > 0 ? status.doneWork / status.work : 0
    if bar == nil {
      bar = ProgressLine("study", total: status.jobs, startedAt: status.done, startShare: share, unit: "jobs")
    }
    bar?.total = status.jobs  // a continuing search adds to them
    bar?.update(done: status.done, share: share, note: "\(status.running) running, \(status.failed) failed")
  }

  /// - Parameter new: the bar to show if there is none yet.
  private func advance(to done: Int, _ new: @autoclosure () -> ProgressLine) {
    if bar == nil { bar = new() }
    bar?.update(done: done)
    last = done
  }

  private func end(note: String = "") {
    bar?.finish(done: last, note: note)
    bar = nil
  }
}

extension StudyEvent.Phase {
  fileprivate var title: String {
    switch self {
    case .features(let domain): domain
    case .drift: "weight drift"
    case .taskDistances: "task distance"
    }
  }

  fileprivate var unit: String {
    switch self {
    case .features: "images"
    case .drift: "runs"
    case .taskDistances: "source models"
    }
  }

  /// The number done before, where the first event is `done`.
  fileprivate func startsAt(_ done: Int) -> Int { if case .features = self { done } else { 0 } }
}
