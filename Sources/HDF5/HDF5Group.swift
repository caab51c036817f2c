/// An open group.
package struct HDF5Group: HDF5Container, ~Copyable, Sendable {
  private let handle: Handle
  package let filePath: String
  package let path: String
  package var identifier: Int64 { handle.id }

  init(_ handle: consuming Handle, filePath: String, path: String) {
    self.handle = handle
    self.filePath = filePath
    self.path = path
  }
}
