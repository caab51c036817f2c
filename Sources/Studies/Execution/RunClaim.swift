internal import Support
internal import Training

/// A lock on a run among several machines; released with the value or the process.
final class RunClaim {
  private let lock: FileLock

  /// - Returns: nil while another process holds it.
  /// - Throws: `FileError` where its directory cannot be made.
  /// - Parameter holder: who takes it, for those who look.
  init?(_ run: RunDirectory, holder: String) throws {
    let place = Self.place(of: run)
    try place.createDirectory()
    do { lock = try place.lock(for: holder) } catch  where error.kind == .locked { return nil }
  }

  /// Who holds a run, with process and machine; nil where nobody does.
  static func holder(of run: RunDirectory) -> String? { FileLock.holder(of: place(of: run).file("lock")) }

  private static func place(of run: RunDirectory) -> RunDirectory { RunDirectory(run.file("claim")) }
}
