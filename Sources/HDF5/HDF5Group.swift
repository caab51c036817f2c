/// An open group.
package struct HDF5Group: HDF5Container, ~Copyable, Sendable {
  private let handle: Handle
  package let filePath: String
  package let path: String
  package let allowance: Allowance
  package var identifier: Int64 { handle.id }

  init(_ handle: consuming Handle, filePath: String, path: String, allowance: Allowance) {
    self.handle = handle
    self.filePath = filePath
    self.path = path
    self.allowance = allowance
  }
}
