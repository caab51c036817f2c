/// An open group.
package struct HDF5Group: HDF5Container, ~Copyable, Sendable {
  private let handle: Handle
  /// Path of the file on disk.
  package let filePath: String
  /// Path in the file, beginning with `/`.
  package let path: String
  /// The limit of listings in its file.
  package let listingLimit: ListingLimit
  /// HDF5's identifier; closed with this value.
  package var identifier: Int64 { handle.id }

  init(_ handle: consuming Handle, filePath: String, path: String, listingLimit: ListingLimit) {
    self.handle = handle
    self.filePath = filePath
    self.path = path
    self.listingLimit = listingLimit
  }
}
