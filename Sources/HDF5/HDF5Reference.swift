/// A reference to an object of the same file, as a dataset of references holds it.
package struct HDF5Reference: Sendable, Equatable {
  /// The object's address in the file.
  let address: UInt64
}
