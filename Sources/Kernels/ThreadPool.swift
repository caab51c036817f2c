import CKernels
import COneDNN
import Glibc
import Synchronization

/// Threads that kernels spread their tiles over.
///
/// What a tile is depends on the work's shape alone, never on the number of threads, and so the bits do not either. Kernels
/// take the pool of the innermost `use` around them; several pools may be in use at once, each by a thread of its own.
package final class ThreadPool: Sendable {
  /// The pool that kernels called here take: the calling thread alone where no `use` is around.
  package static var current: ThreadPool { scoped.get() ?? alone }
  private static let scoped = TaskLocal<ThreadPool?>(wrappedValue: nil)
  private static let alone = ThreadPool(threads: 1)

  private let workers: Workers

  /// A pool of so many threads, the calling one included; they end with it.
  package init(threads: Int) {
    kernel_keep_freed_memory()
    workers = Workers(threads: threads)
  }

  deinit { workers.stop() }

  /// The number of threads that work, the calling one included.
  package var threads: Int { workers.threads }

  /// Has the kernels that `body` calls on this thread take this pool.
  package func use<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.scoped.withValue(self, operation: body)
  }

  /// Runs `body` once for each tile in 0 ..< tiles, on all threads, and returns when all are done.
  ///
  /// Tiles must not write to the same memory. Within a tile, or when another thread holds the pool, it runs in place.
  package func parallel(_ tiles: Int, _ body: (Int) -> Void) { workers.parallel(tiles, body) }
}

/// The threads of a pool, which hold it as long as they live.
private final class Workers: Sendable {
  let threads: Int

  /// Times that a thread without work lets others run before it sleeps: 200 µs where none wants to.
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
        // Waking a sleeper takes longer than most gaps between two jobs.
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

  /// Ends the threads once no work is under way.
  func stop() {
    while isInUse.exchange(true, ordering: .acquiring) { sched_yield() }
    isStopped.store(true, ordering: .releasing)
    generation.add(1, ordering: .releasing)
    sleep.wakeAll()
  }
}

/// The tiles of a job: a run of neighbors for each thread, which finds in its cache what it wrote to the same part of a
/// tensor before. Who is done with its own takes from the others'.
private final class TileRuns: Sendable {
  private nonisolated(unsafe) let next: UnsafeMutablePointer<Atomic<Int>>
  private let threads: Int
  /// Counters lie two lines of the cache apart, so that no two threads share one.
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

  /// The next tile for a thread, its own ones first; `nil` where all are taken.
  func take(for thread: Int, of tiles: Int) -> Int? {
    for other in thread..<thread + threads {
      let run = other < threads ? other : other - threads
      let end = (run + 1) * tiles / threads
      // Looked at first, as the counters of runs that are done would else go from core to core.
      guard next[run * Self.apart].load(ordering: .relaxed) < end else { continue }
      let tile = next[run * Self.apart].add(1, ordering: .relaxed).oldValue
      if tile < end { return tile }
    }
    return nil
  }
}

/// A value that the owner guards by other means.
private final class UnsafeSendableBox<Value>: Sendable {
  nonisolated(unsafe) var value: Value
  init(_ value: Value) { self.value = value }
}

/// A mutex and a condition variable to sleep on.
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
