internal import HDF5

/// Changes to directories that last through a power loss.
package enum FileSystem {
  /// Puts a file in the place of another in its directory.
  ///
  /// - Throws: `StorageError` where the system does not.
  package static func move(_ path: String, to target: String) throws(StorageError) {
    try storing { () throws(HDF5Error) in try AtomicFile.move(path, to: target) }
  }

  /// Puts what was made, renamed and removed in the directory of a path on the disk.
  ///
  /// - Throws: `StorageError` where the system does not.
  package static func synchronizeDirectory(of path: String) throws(StorageError) {
    try storing { () throws(HDF5Error) in try AtomicFile.synchronizeDirectory(of: path) }
  }
}
