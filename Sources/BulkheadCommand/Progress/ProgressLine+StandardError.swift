internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#endif

extension ProgressLine {
  /// Progress on standard error, timed by the system's monotonic clock.
  package init(_ title: String, total: Int, startedAt: Int = 0, startShare: Double? = nil, unit: String) {
    self.init(
      title, total: total, startedAt: startedAt, startShare: startShare, unit: unit, now: Self.now,
      surface: Self.standardError,
      write: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
  }

  /// Shows that `done` units are done, unless something was shown a moment ago.
  package mutating func update(done: Int, share: Double? = nil, note: String = "") {
    update(done: done, share: share, note: note, now: Self.now)
  }
  /// Shows the end.
  package mutating func finish(done: Int, note: String = "") { finish(done: done, note: note, now: Self.now) }

  /// Seconds since some moment.
  private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }

  private static func standardError() -> Surface {
    guard isatty(STDERR_FILENO) == 1 else { return .plain }
    var size = winsize()
    let columns = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
    return .terminal(columns: columns > 0 ? columns : 80)
  }
}
