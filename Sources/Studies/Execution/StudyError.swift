/// Why a study did not come to its end.
package enum StudyError: Error, Equatable, CustomStringConvertible {
  case failed(count: Int, first: String)

  /// What went wrong and what to do.
  package var description: String {
    switch self {
    case .failed(let count, let first):
      "\(count) of the study's jobs failed, the first: \(first); fix the cause and run the study again"
    }
  }
}
