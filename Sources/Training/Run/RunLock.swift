internal import Foundation

#if canImport(Glibc)
  internal import Glibc
#endif

/// A lock on a file, held until released or until the process ends in whatever way; the file says who holds it.
package struct RunLock: ~Copyable {
  private let descriptor: Int32

  /// - Throws: `RunError.locked` if another process holds it.
  init(_ path: String) throws {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RunError.system("open", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      guard code == EWOULDBLOCK else { throw RunError.system("lock", path, code) }
      let holder = (try? RunDirectory.read(path)) ?? ""
      throw RunError.locked(path: path, holder: holder.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    self.descriptor = descriptor
    // The lock holds whether or not the disk has room for the name.
    let command = CommandLine.arguments.dropFirst().prefix(3).joined(separator: " ")
    let text = Array("process \(getpid()) on \(Self.host) (\(command))\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 257)
    _ = unsafe gethostname(&name, 256)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { close(descriptor) }
}
