@unsafe @preconcurrency internal import Glibc

/// What `print` has written.
package enum StandardOutput {
  /// Hands everything that was printed to the system.
  ///
  /// A reader of a pipe may end before everything is written: that is no failure.
  /// - Throws: `FileError` of the kind `system` if any of it could not be written, such as on a full disk, now or before.
  package static func finish() throws(FileError) {
    errno = 0
    let flushed = unsafe fflush(stdout)
    let code = errno
    let hasFailed = unsafe ferror(stdout)
    guard flushed != 0 || hasFailed != 0 else { return }
    var status = stat()
    if unsafe fstat(STDOUT_FILENO, &status) == 0, [S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT) { return }
    guard code == 0 else { throw FileError.system("write it", "standard output", code) }
    throw FileError(message: "standard output: cannot write it: a part of it was lost", kind: .system)
  }
}
