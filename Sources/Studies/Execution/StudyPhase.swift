internal import Training

/// The phases of a study as jobs of a scheduler; each begins when the one before has ended.
package enum StudyPhase: String, Sendable, CaseIterable, Codable {
  /// Makes the datasets that are derived from others.
  case prepare
  /// Trains and tests source models.
  case sources
  /// Trains and tests everything that is fine-tuned.
  case runs
  /// Measures drift and distances, and writes table and report.
  case report

  /// Whether several tasks share the phase.
  package var isShared: Bool { self == .sources || self == .runs }

  func includes(_ job: StudyJob) -> Bool {
    switch self {
    case .sources: job.isOfSourceModel
    case .runs: !job.isOfSourceModel
    case .prepare, .report: false
    }
  }

  /// Whether a task of the phase may begin a job: one that failed since the study was submitted is left for the next
  /// submission, so that not every task tries it.
  func mayBegin(_ job: StudyJob) -> Bool { includes(job) && job.run.directory.loadFailure() == nil }
}

extension StudyJob {
  fileprivate var isOfSourceModel: Bool {
    switch self {
    case .train(let run, after: _): run.learningRate == nil
    case .testSource: true
    case .test: false
    }
  }
}
