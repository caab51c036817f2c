internal import Kernels
package import Support

extension Prefetcher where Failure == any Error {
  /// The most threads that make batches, each of which is in memory.
  private static var mostThreads: Int { 8 }

  /// Makes the batches of steps on as many threads as the current pool has, at most 8; the pool's own go first.
  package convenience init(batches: Range<Int>, make: @escaping @Sendable (Int) throws -> Element) {
    self.init(batches, threads: min(ThreadPool.current.threads, Self.mostThreads), yields: true, make: make)
  }
}
