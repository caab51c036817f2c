package import Support

/// What was handed to a scheduler, kept in `submissions/N/submission.json` of the study's directory.
package struct Submission: Codable, Sendable, Equatable {
  /// Who starts the tasks.
  package enum Engine: String, Codable, Sendable, CaseIterable {
    /// Slurm, whose jobs depend on one another.
    case slurm
    /// Another scheduler, or a person, by the script.
    case script
  }

  /// A phase of the study.
  package struct Job: Codable, Sendable, Equatable {
    /// The phase.
    package var phase: StudyPhase
    /// The number of its tasks.
    package var tasks: Int
    /// The scheduler's number of it; nil for a script.
    package var identifier: String?

    /// A job that is known.
    package init(phase: StudyPhase, tasks: Int, identifier: String? = nil) {
      (self.phase, self.tasks, self.identifier) = (phase, tasks, identifier)
    }
  }

  /// Who starts the tasks.
  package var engine: Engine
  /// The phases that had something to do, in order.
  package var jobs: [Job]

  /// A submission that is known.
  package init(engine: Engine, jobs: [Job]) { (self.engine, self.jobs) = (engine, jobs) }

  /// The scheduler's numbers of the jobs.
  package var identifiers: [String] { jobs.compactMap(\.identifier) }
}

/// The directory of a submission, with its script and the messages of its tasks.
package struct SubmissionDirectory: Sendable, Equatable {
  /// The directory.
  package let path: String

  /// The script that does any task.
  package var script: String { path + "/study.sh" }
  private var record: String { path + "/submission.json" }

  /// The newest submission of a study that was recorded; nil where there is none.
  package static func newest(of plan: StudyPlan) -> SubmissionDirectory? {
    numbers(of: plan).sorted(by: >).map { SubmissionDirectory(plan, $0) }.first { FileSystem.exists($0.record) }
  }

  /// The place of the next submission.
  static func next(of plan: StudyPlan) -> SubmissionDirectory {
    SubmissionDirectory(plan, (numbers(of: plan).max() ?? 0) + 1)
  }

  private init(_ plan: StudyPlan, _ number: Int) { path = "\(plan.directory)/submissions/\(number)" }

  private static func numbers(of plan: StudyPlan) -> [Int] {
    FileSystem.names(in: plan.directory + "/submissions").compactMap { Int($0) }.filter { $0 > 0 && $0 < Int.max }
  }

  /// What was submitted.
  /// - Throws: `FileError` where the record is missing or damaged.
  package func load() throws(FileError) -> Submission { try JSONFile.read(Submission.self, from: record) }

  func write(_ submission: Submission) throws { try JSONFile.write(submission, to: record) }
}
