package import HDF5
package import Images

/// Why a file could not be read or written: one message with what was found, where, what was expected, what to do.
package struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
  package let message: String

  package var description: String { message }

  /// `path: what; expected …; action`, the parts that are empty left out.
  package init(what: String, path: String, expected: String = "", action: String = "") {
    message =
      "\(path): "
      + [what, expected.isEmpty ? "" : "expected \(expected)", action].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// The same as an error of an HDF5 file.
  package init(_ error: HDF5Error) { message = error.description }

  /// The same as an error of a picture.
  package init(_ error: ImageError) { message = error.message }
}

/// What calls to HDF5 give, their error turned into one of this room.
func storing<Result: ~Copyable>(_ calls: () throws(HDF5Error) -> Result) throws(StorageError) -> Result {
  do throws(HDF5Error) {
    return try calls()
  } catch {
    throw StorageError(error)
  }
}
