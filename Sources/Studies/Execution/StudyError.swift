/// An error of a study that did not finish or cannot be written.
package enum StudyError: Error, Equatable, CustomStringConvertible {
  case failed(count: Int, first: String)
  /// Jobs that the tasks of a submission left.
  case incomplete(count: Int, first: String)
  /// The directory holds a study or something else already.
  case exists(path: String)

  /// The message: what went wrong and what to do.
  package var description: String {
    switch self {
    case .failed(let count, let first):
      "\(count) of the study's jobs failed, the first: \(first); fix the cause and run the study again"
    case .incomplete(let count, let first):
      "\(count) of the study's jobs are not done, the first: \(first); fix the cause and submit the study again"
    case .exists(let path):
      "\(path): it holds a study or other files already; choose another name or directory, or replace the study"
    }
  }
}
