/// What happens while a study is driven.
package enum StudyEvent: Sendable {
  /// A piece of work that takes a while.
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
  /// No job runs any longer.
  case jobsEnded(StudyRunner.Status)
  /// Something is missing that the rest does without.
  case warning(String)
  case failed(StudyRunner.Failure)
}
