internal import CHDF5
internal import Support

/// An open file; as an object it is the file's root group.
///
/// Close all groups and datasets of a file open for writing before `close`.
package struct HDF5File: HDF5Container, ~Copyable, Sendable {
  private let handle: Handle
  /// Path of the file on disk.
  package let filePath: String
  /// `/`, the root group.
  package var path: String { "/" }
  /// The limit of listings in this file.
  package let listingLimit = ListingLimit()
  /// HDF5's identifier; closed with this value.
  package var identifier: Int64 { handle.id }

  /// The access to an existing file.
  package enum Access: Sendable { case readOnly, readWrite }

  /// Opens an existing file.
  ///
  /// - Throws: `HDF5Error` if it is missing, not an HDF5 file, or truncated.
  package init(opening path: String, _ access: Access = .readOnly) throws(HDF5Error) {
    let attempt = Attempt(file: path, action: access == .readOnly ? "open it" : "open it for writing")
    try Guard(attempt: attempt).requireRegularFile()
    Library.enter()
    defer { Library.leave() }
    guard H5Fis_hdf5(path) > 0 else {
      let nature = (try? FileNature(of: path))?.description
      throw attempt.failure(.unreadable, "it is not an HDF5 file: " + (nature ?? "its signature is missing"))
    }
    let properties = try Self.properties(attempt)
    if access == .readOnly {
      // A dataset may outlive its file value: the file closes with its last object.
      try attempt.check(H5Pset_fclose_degree(properties.id, H5F_CLOSE_WEAK))
    }
    let id = H5Fopen(path, access == .readOnly ? h5_read_only() : h5_read_write(), properties.id)
    if id < 0 {
      let failure = attempt.failure()
      guard failure.reason.contains("truncated file") else { throw failure }
      throw attempt.failure(.unreadable, "it is truncated (\(failure.reason)); copy or create it again")
    }
    self.init(Handle(owning: id, .file), filePath: path)
  }

  /// Creates a file and replaces one of that name. A failure may leave a partial file; see `AtomicFile`.
  ///
  /// - Throws: `HDF5Error` if it cannot be created.
  package init(creating path: String) throws(HDF5Error) {
    let attempt = Attempt(file: path, action: "create it")
    Library.enter()
    defer { Library.leave() }
    let properties = try Self.properties(attempt)
    let handle = try attempt.own(H5Fcreate(path, h5_truncate(), h5_default(), properties.id), .file)
    self.init(handle, filePath: path)
  }

  /// Creates a file of groups and attributes in memory; `path` is for messages. See `image`.
  init(inMemoryFor path: String) throws(HDF5Error) {
    let attempt = Attempt(file: path, action: "prepare it")
    Library.enter()
    defer { Library.leave() }
    let properties = try Self.properties(attempt)
    try attempt.check(H5Pset_fapl_core(properties.id, 1 << 16, false))
    // libhdf5 first reads all of an existing file of the name, so choose one that no file can have. Files created at the same
    // time need different names.
    let handle = try attempt.own(H5Fcreate("/dev/null/" + path, h5_truncate(), h5_default(), properties.id), .file)
    self.init(handle, filePath: path)
  }

  private init(_ handle: consuming Handle, filePath: String) {
    // Values that an earlier file of that name lost do not concern this one.
    Library.lostValues[filePath] = nil
    self.handle = handle
    self.filePath = filePath
  }

  /// Writes everything to the system and closes the file.
  ///
  /// - Throws: `HDF5Error` if values cannot be written, or could not be when a dataset closed, or if objects are still open.
  package consuming func close() throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = Attempt(file: filePath, action: "close it")
    let lost = Library.lostValues.removeValue(forKey: filePath)
    do throws(HDF5Error) {
      try handle.close(for: attempt)
    } catch {
      throw lost.map { attempt.failure(.system, $0) } ?? error
    }
    if let lost { throw attempt.failure(.system, lost) }
  }

  /// Writes all changes so far to the system.
  ///
  /// - Throws: `HDF5Error` if they cannot be written.
  package func flush() throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    try attempt("flush it").check(H5Fflush(identifier, H5F_SCOPE_GLOBAL))
  }

  /// The bytes of the file as they would be on disk.
  func image() throws(HDF5Error) -> [UInt8] {
    Library.enter()
    defer { Library.leave() }
    try flush()
    let size = H5Fget_file_image(identifier, nil, 0)
    let attempt = attempt("prepare it")
    if size < 0 { throw attempt.failure() }
    var bytes = [UInt8](repeating: 0, count: size)
    if H5Fget_file_image(identifier, &bytes, size) < 0 { throw attempt.failure() }
    return bytes
  }

  private static func properties(_ attempt: Attempt) throws(HDF5Error) -> Handle {
    let properties = try attempt.own(H5Pcreate(h5_file_access()), .propertyList)
    try attempt.check(H5Pset_fclose_degree(properties.id, H5F_CLOSE_SEMI))
    // Each open dataset caches up to 8 MiB of chunks; HDF5's default of 1 MiB skips larger chunks.
    try attempt.check(H5Pset_cache(properties.id, 0, 1009, 8 << 20, 0.75))
    // A child process would inherit the file with its lock, and network file systems often have no locks.
    try attempt.check(H5Pset_file_locking(properties.id, false, true))
    return properties
  }
}
