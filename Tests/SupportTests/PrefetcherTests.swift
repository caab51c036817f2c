import Foundation
import Support
import Testing

@Suite struct PrefetcherTests {
  private struct Failure: Error, Equatable { var index: Int }

  /// Elements that take turns in taking long.
  private static func make(_ index: Int) -> Int {
    if index % 3 == 0 { Thread.sleep(forTimeInterval: 0.002) }
    return index * index
  }

  @Test(arguments: [1, 2, 7], [nil, 1, 20]) func elementsComeInOrder(threads: Int, depth: Int?) {
    let prefetcher = Prefetcher(5..<60, depth: depth, threads: threads) { Self.make($0) }
    defer { prefetcher.stop() }
    for index in 5..<60 { #expect(prefetcher.next() == index * index) }
    #expect(!prefetcher.hasNext)
  }

  @Test(arguments: [1, 4]) func anErrorComesInItsPlaceAndEndsTheWork(threads: Int) throws {
    let begun = Locked<Set<Int>>([])
    let prefetcher = Prefetcher(0..<1000, threads: threads) { index throws(Failure) in
      begun.withLock { _ = $0.insert(index) }
      if index == 6 { throw Failure(index: 6) }
      return Self.make(index)
    }
    defer { prefetcher.stop() }
    for index in 0..<6 { #expect(try prefetcher.next() == index * index) }
    #expect(throws: Failure(index: 6)) { try prefetcher.next() }
    #expect(begun.withLock { $0.count } <= 6 + 2 * threads + 1)
  }

  @Test func noMoreThanItsDepthIsMadeAhead() {
    let begun = Locked(0)
    let prefetcher = Prefetcher(0..<100, depth: 3, threads: 2) { index in
      begun.withLock { $0 += 1 }
      return index
    }
    defer { prefetcher.stop() }
    for index in 0..<50 {
      #expect(prefetcher.next() == index)
      #expect(begun.withLock { $0 } <= index + 1 + 3)
    }
  }

  @Test func itCanBeStoppedAtAnyTime() {
    for taken in 0..<8 {
      let ended = Locked(0)
      let prefetcher = Prefetcher(0..<40, threads: 3, yields: true) { index in
        defer { ended.withLock { $0 += 1 } }
        return Self.make(index)
      }
      for index in 0..<taken { #expect(prefetcher.next() == index * index) }
      prefetcher.stop()
      // Nothing is under way any more.
      let count = ended.withLock { $0 }
      Thread.sleep(forTimeInterval: 0.004)
      #expect(ended.withLock { $0 } == count && count < 40)
    }
    let empty = Prefetcher(3..<3) { $0 }
    #expect(!empty.hasNext)
    empty.stop()
  }
}
