internal import Studies

extension TransferStudy {
  /// What happens while a study runs.
  public enum Event: Sendable, Equatable {
    /// How far the study's jobs are.
    public struct Jobs: Sendable, Equatable {
      /// All jobs; a search of learning rates may add to them.
      public let total: Int
      /// Those that are done.
      public let done: Int
      /// Those that run now.
      public let running: Int
      /// Those that failed.
      public let failed: Int
      /// The share of the work that is done, 0 to 1.
      public let share: Double
    }

    /// A domain's dataset was made of another one.
    case madeDataset(path: String, domain: String)
    /// So many of a measurement's images, runs or source models are done.
    case measuring(String, done: Int, total: Int)
    /// How far the study's jobs are.
    case jobs(Jobs)
    /// Something is missing that the rest does without.
    case warning(String)
    /// A job failed, with the last message of its process.
    case failed(job: String, reason: String)

    /// - Returns: nil for the end of a measurement, which needs no telling.
    init?(_ event: StudyEvent) {
      switch event {
      case .madeDataset(let path, let domain): self = .madeDataset(path: path, domain: domain)
      case .advanced(let phase, let done, let total): self = .measuring(Self.name(of: phase), done: done, total: total)
      case .ended: return nil
      case .jobs(let status), .jobsEnded(let status): self = .jobs(Jobs(status))
      case .warning(let text): self = .warning(text)
      case .failed(let failure): self = .failed(job: failure.job.name, reason: failure.reason)
      }
    }

    private static func name(of phase: StudyEvent.Phase) -> String {
      switch phase {
      case .features(let domain): "feature maps of \(domain)"
      case .drift: "weight drift"
      case .taskDistances: "task distance"
      }
    }
  }
}

extension TransferStudy.Event.Jobs {
  fileprivate init(_ status: StudyRunner.Status) {
    (total, done, running, failed) = (status.jobs, status.done, status.running, status.failed)
    share = status.work > 0 ? status.doneWork / status.work : 0
  }
}
