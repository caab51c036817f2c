internal import Dispatch
internal import Foundation
internal import Support
internal import Synchronization

/// Prefetches elements in order on its own thread, at most `depth` ahead.
package final class Prefetcher<Element: Sendable>: Sendable {
  private let made = Locked<[Result<Element, any Error>]>([])
  private let ready = DispatchSemaphore(value: 0)
  private let slots = DispatchSemaphore(value: 0)
  private let isStopped = Atomic<Bool>(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  /// Starts with the element of `range.lowerBound`; after an error nothing more is made.
  package init(_ range: Range<Int>, depth: Int = 2, make: @escaping @Sendable (Int) throws -> Element) {
    // signaled, not made with that value: a semaphore must not die below the value that it was made with.
    for _ in 0..<depth { slots.signal() }
    let thread = Thread { [self] in
      defer { hasEnded.signal() }
      for index in range {
        slots.wait()
        if isStopped.load(ordering: .acquiring) { return }
        let result = Result { try make(index) }
        made.withLock { $0.append(result) }
        ready.signal()
        if case .failure = result { return }
      }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Whether `next` would not wait.
  package var hasNext: Bool { made.withLock { !$0.isEmpty } }

  /// The next element, waited for; call at most as often as the range is long.
  package func next() throws -> Element {
    ready.wait()
    let result = made.withLock { $0.removeFirst() }
    slots.signal()
    return try result.get()
  }

  /// Ends the thread; must be called once, and `next` no more after it.
  package func stop() {
    isStopped.store(true, ordering: .releasing)
    slots.signal()
    hasEnded.wait()
  }
}
