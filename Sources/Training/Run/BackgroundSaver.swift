internal import Dispatch
internal import Foundation
internal import Synchronization

/// Saves on a thread of its own, one save at a time.
final class BackgroundSaver: Sendable {
  private let given = Mutex<Save?>(nil)
  private let outcome = Mutex<Result<Void, any Error>?>(nil)
  private let isEnded = Atomic<Bool>(true)
  private let end = DispatchSemaphore(value: 0)
  /// Whether a save was begun whose outcome was not taken; the owner's thread alone looks at it.
  private let isUnderWay = Atomic<Bool>(false)

  /// Whether a save is under way, or its outcome not taken yet.
  var isBusy: Bool { isUnderWay.load(ordering: .relaxed) }

  /// Begins a save; traps while another is under way.
  func begin(_ save: Save) {
    precondition(!isBusy, "BackgroundSaver: two saves at once")
    isUnderWay.store(true, ordering: .relaxed)
    isEnded.store(false, ordering: .relaxed)
    given.withLock { $0 = save }
    let thread = Thread { [self] in
      work()
      isEnded.store(true, ordering: .releasing)
      end.signal()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The save is let go of before its end is told, for its memory is wanted for the next.
  private func work() {
    let save = given.withLock { given in
      defer { given = nil }
      return given
    }
    guard let save else { return }
    let result = Result { try save.write() }
    outcome.withLock { $0 = result }
  }

  /// The outcome of the save, once: nil while there is none.
  func outcomeIfEnded() -> Result<Void, any Error>? {
    guard isBusy, isEnded.load(ordering: .acquiring) else { return nil }
    return wait()
  }

  /// Waits for the save that is under way; nil if none is.
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
