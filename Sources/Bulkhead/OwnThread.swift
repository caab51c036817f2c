internal import Foundation
internal import Synchronization

/// Runs a job on a thread of its own, so that it never holds a thread of Swift's cooperative pool.
///
/// - Parameter body: gets what tells whether the calling task was cancelled.
/// - Throws: what the job throws.
func onOwnThread<Value: Sendable>(
  _ body: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws(BulkheadError) -> Value
) async throws(BulkheadError) -> Value {
  let cancellation = Cancellation()
  let result: Result<Value, BulkheadError> = await withTaskCancellationHandler {
    await withCheckedContinuation { continuation in
      let thread = Thread {
        let result: Result<Value, BulkheadError>
        do throws(BulkheadError) {
          result = .success(try body { cancellation.isRequested })
        } catch { result = .failure(error) }
        continuation.resume(returning: result)
      }
      // As a process's first thread has; kernels and HDF5 are used to that.
      thread.stackSize = 8 << 20
      thread.name = "Bulkhead"
      thread.start()
    }
  } onCancel: {
    cancellation.request()
  }
  return try result.get()
}

/// Whether a task was cancelled, seen from other threads.
private final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  var isRequested: Bool { flag.load(ordering: .acquiring) }

  func request() { flag.store(true, ordering: .releasing) }
}
