internal import Tensors
internal import Training

/// A part of a study's jobs, for one of several machines that share the study's directory.
///
/// It determines what is done first; a shard without work of its own helps the others.
package struct Shard: Sendable, Equatable {
  /// The shard's number, from 1.
  package var index: Int
  /// The number of machines.
  package var count: Int

  /// - Returns: nil unless the index is 1 to `count`.
  package init?(index: Int, count: Int) {
    guard count >= 1, (1...count).contains(index) else { return nil }
    (self.index, self.count) = (index, count)
  }

  func owns(_ job: StudyJob) -> Bool {
    RandomStream.key(job.run.identity) % UInt64(count) == UInt64(index - 1)
  }
}
