internal import Support
internal import Training

/// A lock on a run among several machines; released with the value or the process.
final class RunClaim {
  private let lock: FileLock

  /// - Returns: nil while another process holds it.
  /// - Throws: `FileError` where its directory cannot be made.
  init?(_ run: RunDirectory) throws {
    let place = RunDirectory(run.file("claim"))
    try place.createDirectory()
    do { lock = try place.lock(for: "bulkhead study run") } catch  where error.kind == .locked { return nil }
  }
}
