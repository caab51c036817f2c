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
  /// Progress of a phase in images, runs or source models; the first event may include earlier work.
  case advanced(Phase, done: Int, total: Int)
  case ended(Phase)
  /// The progress of the study's jobs.
  case jobs(StudyRunner.Status)
  /// All jobs have ended.
  case jobsEnded(StudyRunner.Status)
  /// A warning: something is missing that the rest does not need.
  case warning(String)
  case failed(StudyRunner.Failure)
}
