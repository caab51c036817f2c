import CKernels
import COneDNN
import Glibc
import Synchronization

/// The threads that run the tiles of kernels.
///
/// Tiles follow from the shape of the work, never from the number of threads: results are bit-for-bit identical for any
/// number. Kernels run on the pool of the innermost enclosing `use`. Several threads may use different pools at once.
package final class ThreadPool: Sendable {
  /// The pool that kernels called here run on; default: the calling thread alone.
  package static var current: ThreadPool { scoped.get() ?? alone }
  private static let scoped = TaskLocal<ThreadPool?>(wrappedValue: nil)
  private static let alone = ThreadPool(threads: 1)

  private let workers: Workers

  /// A pool of `threads` threads, the calling one included; the others end with the pool.
  package init(threads: Int) {
    kernel_keep_freed_memory()
    workers = Workers(threads: threads)
  }

  deinit { workers.stop() }

  /// The number of threads, the calling one included.
  package var threads: Int { workers.threads }

  /// Runs `body`; kernels that it calls on this thread run on this pool.
  ///
  /// - Throws: what `body` throws.
  package func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.scoped.withValue(self, operation: body)
  }

  /// Runs `body` once for each tile in 0 ..< tiles, on all threads, and returns when all are done.
  ///
  /// Tiles must not write to the same memory. Inside a tile, or while another thread uses the pool, all tiles run on the
  /// calling thread.
  package func parallel(_ tiles: Int, _ body: (Int) -> Void) { workers.parallel(tiles, body) }
}

/// The threads of a pool; each keeps this object alive until it ends.
private final class Workers: Sendable {
  let threads: Int

  /// Yields of an idle thread before it sleeps, about 200 µs if no other thread wants to run.
  private static let mostYields = 500

  private let job = UnsafeSendableBox<(tiles: Int, body: (Int) -> Void)>((0, { _ in }))
  private let runs: TileRuns
  private let workersStarted = Atomic<Int>(0)
  private let workersBusy = Atomic<Int>(0)
  private let generation = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  private let isInUse = Atomic<Bool>(false)
  private let sleep = SleepingPlace()

  init(threads: Int) {
    precondition(threads >= 1, "ThreadPool: \(threads) threads")
    self.threads = threads
    runs = TileRuns(threads)
    for _ in 1..<threads { start() }
  }

  func parallel(_ tiles: Int, _ body: (Int) -> Void) {
    guard tiles > 1, threads > 1, !isInUse.exchange(true, ordering: .acquiring) else {
      onednn_use_caller_thread_only()
      for tile in 0..<tiles { body(tile) }
      return
    }
    onednn_use_caller_thread_only()
    withoutActuallyEscaping(body) { body in
      job.value = (tiles, body)
      runs.begin(tiles)
      workersBusy.store(threads - 1, ordering: .relaxed)
      generation.add(1, ordering: .releasing)
      sleep.wakeAll()
      takeTiles(for: 0, tiles, body)
      var spins = 0
      while workersBusy.load(ordering: .acquiring) > 0 {
        spins += 1
        if spins > 4096 { sched_yield() }
      }
      job.value = (0, { _ in })
    }
    isInUse.store(false, ordering: .releasing)
  }

  private func takeTiles(for thread: Int, _ tiles: Int, _ body: (Int) -> Void) {
    while let tile = runs.take(for: thread, of: tiles) { body(tile) }
  }

  private func work() {
    onednn_use_caller_thread_only()
    let thread = workersStarted.add(1, ordering: .relaxed).newValue
    var seen = 0
    while true {
      var spins = 0
      while generation.load(ordering: .acquiring) == seen {
        spins += 1
        // Waking a sleeping thread takes longer than most gaps between two jobs.
        if spins > 8192 { sched_yield() }
        if spins > 8192 + Self.mostYields { sleep.wait { self.generation.load(ordering: .acquiring) == seen } }
      }
      seen += 1
      if isStopped.load(ordering: .acquiring) { return }
      takeTiles(for: thread, job.value.tiles, job.value.body)
      workersBusy.subtract(1, ordering: .releasing)
    }
  }

  private func start() {
    var thread = pthread_t()
    let workers = Unmanaged.passRetained(self).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { workers in
        Unmanaged<Workers>.fromOpaque(workers!).takeRetainedValue().work()
        return nil
      }, workers)
    guard status == 0 else {
      fatalError("ThreadPool: no thread could be started (\(String(cString: strerror(status))))")
    }
    pthread_detach(thread)
  }

  /// Ends the threads once no job is running.
  func stop() {
    while isInUse.exchange(true, ordering: .acquiring) { sched_yield() }
    isStopped.store(true, ordering: .releasing)
    generation.add(1, ordering: .releasing)
    sleep.wakeAll()
  }
}

/// The tiles of a job: each thread has a run of neighboring tiles, and takes from other runs once its own is done.
///
/// A thread thus works on the same part of a tensor in successive jobs and finds it in its cache.
private final class TileRuns: Sendable {
  private nonisolated(unsafe) let next: UnsafeMutablePointer<Atomic<Int>>
  private let threads: Int
  /// Distance of two counters: two cache lines, so that no two threads share one.
  private static let apart = 16

  init(_ threads: Int) {
    self.threads = threads
    next = .allocate(capacity: threads * Self.apart)
    for index in 0..<threads * Self.apart { (next + index).initialize(to: Atomic(0)) }
  }

  deinit { next.deallocate() }

  func begin(_ tiles: Int) {
    for thread in 0..<threads { next[thread * Self.apart].store(thread * tiles / threads, ordering: .relaxed) }
  }

  /// The next tile for a thread, from its own run first; `nil` once all are taken.
  func take(for thread: Int, of tiles: Int) -> Int? {
    for other in thread..<thread + threads {
      let run = other < threads ? other : other - threads
      let end = (run + 1) * tiles / threads
      // A plain load first: an atomic add would move the cache line of a finished run from core to core.
      guard next[run * Self.apart].load(ordering: .relaxed) < end else { continue }
      let tile = next[run * Self.apart].add(1, ordering: .relaxed).oldValue
      if tile < end { return tile }
    }
    return nil
  }
}

/// A value that its owner synchronizes.
private final class UnsafeSendableBox<Value>: Sendable {
  nonisolated(unsafe) var value: Value
  init(_ value: Value) { self.value = value }
}

/// A mutex and a condition variable, on which idle threads sleep.
private final class SleepingPlace: Sendable {
  private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private nonisolated(unsafe) let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  func wait(while shouldSleep: () -> Bool) {
    pthread_mutex_lock(mutex)
    while shouldSleep() { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
  }

  func wakeAll() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}
