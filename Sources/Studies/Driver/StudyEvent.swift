/// Events of a running study.
package enum StudyEvent: Sendable {
  /// A longer phase of work.
  package enum Phase: Sendable, Equatable {
    /// The feature maps of a domain's images.
    case features(domain: String)
    case drift
    case taskDistances
  }

  /// A dataset was made of another.
  case madeDataset(path: String, domain: String)
  /// So many of a phase's images, runs or source models are done; the first one may tell of what was done before.
  case advanced(Phase, done: Int, total: Int)
  case ended(Phase)
  /// How far the study's jobs are.
  case jobs(StudyRunner.Status)
  /// All jobs have ended.
  case jobsEnded(StudyRunner.Status)
  /// A warning: something is missing that the rest does not need.
  case warning(String)
  case failed(StudyRunner.Failure)
}
