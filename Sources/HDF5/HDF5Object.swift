internal import CHDF5

/// An object of a file that can have attributes: the file's root, a group or a dataset.
package protocol HDF5Object: ~Copyable {
  /// HDF5's identifier, which the value owns.
  var identifier: Int64 { get }
  /// Path of the file on disk.
  var filePath: String { get }
  /// Path in the file, beginning with `/`.
  var path: String { get }
}

extension HDF5Object where Self: ~Copyable {
  /// An action on this object, or on one below it.
  func attempt(_ action: String, _ name: String = "") -> Attempt {
    Attempt(file: filePath, object: path(of: name), action: action)
  }

  func path(of name: String) -> String { HDF5.path(of: name, below: path) }
}

/// The absolute path of an object below another.
func path(of name: String, below path: String) -> String {
  if name.isEmpty || name == "/" { return name == "/" ? "/" : path }
  if name.hasPrefix("/") { return name }
  return path == "/" ? "/" + name : path + "/" + name
}

/// A simple dataspace of that shape; `[]` is a scalar.
func dataspace(_ shape: [Int], maximum: [hsize_t]? = nil, for attempt: Attempt) throws(HDF5Error) -> Handle {
  if shape.isEmpty { return try attempt.own(H5Screate(H5S_SCALAR), .dataspace) }
  let extents = shape.map { hsize_t($0) }
  return try attempt.own(H5Screate_simple(Int32(shape.count), extents, maximum ?? extents), .dataspace)
}

/// The shape of a dataspace; `nil` for a null space, which has no elements.
func shape(ofSpace space: hid_t) -> [Int]? {
  guard H5Sget_simple_extent_type(space) != H5S_NULL else { return nil }
  let rank = H5Sget_simple_extent_ndims(space)
  guard rank > 0 else { return [] }
  var extents = [hsize_t](repeating: 0, count: Int(rank))
  H5Sget_simple_extent_dims(space, &extents, nil)
  return extents.map { Int(clamping: $0) }
}

/// The number of elements of a shape; `nil` on overflow.
func elementCount(of shape: [Int]) -> Int? {
  var count = 1
  for extent in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: extent)
    if overflow { return nil }
    count = product
  }
  return count
}
