internal import Foundation

/// A value behind a lock.
///
/// As `Synchronization.Mutex`, but on a lock of POSIX threads: the thread sanitizer does not see the system calls of
/// `Mutex` on Linux, and reports races wherever two threads meet at one.
package final class Locked<Value>: Sendable {
  private let lock = NSLock()
  private nonisolated(unsafe) var value: Value

  /// Guards a value.
  package init(_ value: sending Value) { unsafe self.value = value }

  /// Reads or changes the value; not to be called again from within.
  package func withLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    lock.lock()
    defer { lock.unlock() }
    return try unsafe body(&value)
  }
}
