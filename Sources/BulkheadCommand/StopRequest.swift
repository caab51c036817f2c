import Foundation
import Support
import Synchronization

/// The stop request, by SIGINT, SIGTERM or the supervisor: loops poll it and end with their state
/// saved.
///
/// A signal handler reaches nothing but globals; they lie here alone, and what runs gets `isRequested` handed in.
enum StopRequest {
  /// Makes the first SIGINT or SIGTERM raise `isRequested`; a second one ends the process at once.
  ///
  /// SIGPIPE is ignored: where the output goes through another program, a Ctrl-C ends that one too, and the state must
  /// still be saved.
  static func install() {
    // Made before a handler can need them.
    _ = (signalCount.load(ordering: .relaxed), isAsked.load(ordering: .relaxed))
    // Whoever started this process may have passed on a thread's blocked signals.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGINT, SIGTERM] {
      unsafe sigaddset(&signals, number)
      signal(number) { _ in
        if signalCount.add(1, ordering: .sequentiallyConsistent).oldValue > 0 { _exit(Interruption.exitCode) }
      }
    }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Makes SIGUSR1 raise `isRequested`, however often it comes: of all signals, mpirun hands on this one and waits.
  static func acceptUserSignal() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGUSR1)
    signal(SIGUSR1) { _ in isAsked.store(true, ordering: .sequentiallyConsistent) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Makes the end of standard input, which a supervisor holds open, raise `isRequested` too.
  static func watchStandardInput() {
    Thread.detachNewThread {
      while !FileHandle.standardInput.availableData.isEmpty {}
      isAsked.store(true, ordering: .sequentiallyConsistent)
    }
  }

  /// Whether a signal or the end of a watched input has come.
  static var isRequested: Bool {
    signalCount.load(ordering: .sequentiallyConsistent) > 0 || isAsked.load(ordering: .sequentiallyConsistent)
  }
}

private let signalCount = Atomic<Int>(0)
private let isAsked = Atomic<Bool>(false)
