/// The script that does any task of a study's submission, in the language of `sh`.
package struct SubmissionScript: Sendable, Equatable {
  /// How often a task goes back to the queue after a stop; one that never gets anywhere must end.
  static let restarts = 100

  /// The study's name.
  package var name: String
  /// The folder that the study's paths start from.
  package var folder: String
  /// The path of `bulkhead`.
  package var executable: String
  /// The study's file, as it was named.
  package var file: String
  /// The directory of the runs, as it was named.
  package var directory: String
  /// What is submitted.
  package var submission: Submission

  /// A script with these parts.
  package init(
    name: String, folder: String, executable: String, file: String, directory: String, submission: Submission
  ) {
    (self.name, self.folder, self.executable) = (name, folder, executable)
    (self.file, self.directory, self.submission) = (file, directory, submission)
  }

  /// The whole text.
  package var text: String {
    let work =
      "\(Self.quoted(executable)) study work \(Self.quoted(file)) --directory \(Self.quoted(directory)) "
      + "--phase \"$phase\" --shard \"$share\""
    let head = """
      #!/bin/sh
      # The study \(name), phase by phase: \(phases).
      \(usage)
      cd \(Self.quoted(folder)) || exit 66
      task() {
        phase=$1
        case $phase in
      \(cases)
          *) echo "unknown phase: $phase; expected \(submission.jobs.map(\.phase.rawValue).joined(separator: ", "))" >&2; return 64 ;;
        esac

      """
    return head + body(work)
  }

  private var usage: String {
    switch submission.engine {
    case .slurm:
      """
      # Slurm runs it as: study.sh PHASE, where SLURM_ARRAY_TASK_ID is the number of the task.
      """
    case .script:
      """
      #   study.sh PHASE TASK   does one task, numbered from 1
      #   study.sh              does all of them, one after another
      # The tasks of a phase may run at the same time on machines that share this folder. A phase begins when all tasks of
      # the one before have ended, also where some failed. SIGTERM saves the state and ends a task with 75: start it again.
      """
    }
  }

  private var phases: String {
    submission.jobs.map { $0.phase.isShared ? "\($0.phase.rawValue) (tasks 1 to \($0.tasks))" : $0.phase.rawValue }
      .joined(separator: ", ")
  }

  private var cases: String {
    submission.jobs.map { "    \($0.phase.rawValue)) share=\($0.phase.isShared ? "$2/\($0.tasks)" : "1/1") ;;" }
      .joined(separator: "\n")
  }

  private func body(_ work: String) -> String {
    switch submission.engine {
    case .slurm:
      """
        # A step, so that Slurm's warning before the time limit or a preemption reaches the program and not this script.
        srun --ntasks=1 --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}" \(work)
      }
      task "$1" "${SLURM_ARRAY_TASK_ID:-1}"
      code=$?
      # Stopped with its state saved: back to the queue. Where Slurm itself cancels or requeues, it ends this script before.
      if [ "$code" = 75 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt \(Self.restarts) ]; then
        scontrol requeue "$SLURM_JOB_ID"
      fi
      exit "$code"

      """
    case .script:
      """
        \(work)
      }
      if [ $# -gt 0 ]; then
        task "$1" "${2:-1}"
        exit
      fi
      status=0
      each() {
        number=1
        while [ "$number" -le "$2" ]; do
          task "$1" "$number"
          code=$?
          [ "$code" = 75 ] && exit 75
          [ "$code" = 0 ] || status=$code
          number=$((number + 1))
        done
      }
      \(submission.jobs.map { "each \($0.phase.rawValue) \($0.tasks)" }.joined(separator: "\n"))
      exit "$status"

      """
    }
  }

  /// A text as one word of `sh`.
  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}
