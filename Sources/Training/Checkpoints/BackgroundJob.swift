internal import Dispatch
internal import Foundation
internal import Support
internal import Synchronization

/// A thread that does one job at a time beside its owner; only the owner's thread calls it.
final class BackgroundJob: Sendable {
  private let given = Locked<(@Sendable () throws -> Void)?>(nil)
  private let outcome = Locked<Result<Void, any Error>?>(nil)
  private let isEnded = Atomic<Bool>(true)
  private let end = DispatchSemaphore(value: 0)
  /// Whether a job was started whose outcome was not taken; used by the owner's thread alone.
  private let isUnderWay = Atomic<Bool>(false)

  /// Whether a job is running, or its outcome not taken yet.
  var isBusy: Bool { isUnderWay.load(ordering: .relaxed) }

  /// Begins a job; traps while another is under way.
  func begin(_ job: @escaping @Sendable () throws -> Void) {
    precondition(!isBusy, "BackgroundJob: two jobs at once")
    isUnderWay.store(true, ordering: .relaxed)
    isEnded.store(false, ordering: .relaxed)
    given.withLock { $0 = job }
    let thread = Thread { [self] in
      work()
      isEnded.store(true, ordering: .releasing)
      end.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The job is released before its end is signaled, as the next one needs its memory.
  private func work() {
    let job = given.withLock { given in
      defer { given = nil }
      return given
    }
    guard let job else { return }
    let result = Result { try job() }
    outcome.withLock { $0 = result }
  }

  /// The outcome of the job, once: nil while there is none.
  func outcomeIfEnded() -> Result<Void, any Error>? {
    guard isBusy, isEnded.load(ordering: .acquiring) else { return nil }
    return wait()
  }

  /// Waits for the job that is under way; nil if none is.
  func wait() -> Result<Void, any Error>? {
    guard isBusy else { return nil }
    end.wait()
    isUnderWay.store(false, ordering: .relaxed)
    return outcome.withLock { outcome in
      defer { outcome = nil }
      return outcome
    }
  }
}
