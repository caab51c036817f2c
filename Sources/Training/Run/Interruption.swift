internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// The user's wish that a run stop, by SIGINT or SIGTERM: loops look at it and leave with their state saved.
package enum Interruption: Error {
  /// Thrown by a task that stopped because it was asked to, with its state saved.
  case stopped

  /// From now on the first SIGINT or SIGTERM only raises `isRequested`; a second one ends the process at once.
  package static func install() {
    _ = signalCount.load(ordering: .relaxed)  // made before a handler can need it
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if signalCount.add(1, ordering: .sequentiallyConsistent).oldValue > 0 { _exit(Interruption.exitCode) }
      }
    }
  }

  /// Whether a signal has come.
  package static var isRequested: Bool { signalCount.load(ordering: .sequentiallyConsistent) > 0 }

  /// sysexits' EX_TEMPFAIL: interrupted, may be resumed.
  package static let exitCode: Int32 = 75
}

private let signalCount = Atomic<Int>(0)
