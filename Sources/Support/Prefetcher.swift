internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// Makes elements ahead on threads of its own and hands them over in order, whatever the number of threads.
package final class Prefetcher<Element: Sendable, Failure: Error>: Sendable {
  private let progress: Locked<Progress>
  /// A signal for each element that was made; one that comes early is waited for in vain, and then no more.
  private let ready = DispatchSemaphore(value: 0)
  /// A signal for each element that may be begun.
  private let slots = DispatchSemaphore(value: 0)
  private let isStopped = Atomic<Bool>(false)
  private let hasEnded = DispatchSemaphore(value: 0)
  private let threads: Int

  private struct Progress {
    /// The next element to begin, and the next to hand over.
    var begun: Int
    var handed: Int
    let end: Int
    var made: [Int: Result<Element, Failure>] = [:]
    var hasFailed = false
  }

  /// Starts with the element of `range.lowerBound`; after an error nothing more is begun.
  ///
  /// - Parameters:
  ///   - depth: elements that are made or being made and not handed over yet, at most; one more than threads if nil.
  ///   - threads: threads that make elements, each one at a time.
  ///   - yields: whether other threads of the process go first where processors are scarce.
  ///   - make: makes the element of an index; several may be under way at once.
  package init(
    _ range: Range<Int>, depth: Int? = nil, threads: Int = 1, yields: Bool = false,
    make: @escaping @Sendable (Int) throws(Failure) -> Element
  ) {
    progress = Locked(Progress(begun: range.lowerBound, handed: range.lowerBound, end: range.upperBound))
    self.threads = max(1, min(threads, range.count))
    // signaled, not made with that value: a semaphore must not die below the value that it was made with.
    for _ in 0..<(depth ?? self.threads + 1) { slots.signal() }
    for _ in 0..<self.threads {
      let thread = Thread { [self] in
        defer { hasEnded.signal() }
        // On Linux this is the priority of the calling thread alone.
        if yields { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10) }
        work(make)
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  private func work(_ make: (Int) throws(Failure) -> Element) {
    while true {
      slots.wait()
      guard !isStopped.load(ordering: .acquiring), let index = begin() else { return }
      let result: Result<Element, Failure>
      do throws(Failure) { result = .success(try make(index)) } catch { result = .failure(error) }
      progress.withLock { progress in
        progress.made[index] = result
        if case .failure = result { progress.hasFailed = true }
      }
      ready.signal()
    }
  }

  /// The index of the next element to begin; nil if there is none.
  private func begin() -> Int? {
    progress.withLock { progress in
      guard progress.begun < progress.end, !progress.hasFailed else { return nil }
      progress.begun += 1
      return progress.begun - 1
    }
  }

  /// Whether `next` would not wait.
  package var hasNext: Bool { progress.withLock { $0.made[$0.handed] != nil } }

  /// The next element, waited for; call at most as often as the range is long, and no more after an error.
  package func next() throws(Failure) -> Element {
    while true {
      let result = progress.withLock { progress in
        let result = progress.made.removeValue(forKey: progress.handed)
        if result != nil { progress.handed += 1 }
        return result
      }
      if let result {
        slots.signal()
        return try result.get()
      }
      ready.wait()
    }
  }

  /// Ends the threads; must be called once, and `next` no more after it.
  package func stop() {
    isStopped.store(true, ordering: .releasing)
    for _ in 0..<threads { slots.signal() }
    for _ in 0..<threads { hasEnded.wait() }
  }
}
