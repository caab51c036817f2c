internal import CHDF5

/// Owns one `hid_t` and closes it exactly once.
struct Handle: ~Copyable, Sendable {
  enum Kind { case file, group, dataset, attribute, datatype, dataspace, propertyList }

  let id: hid_t
  private let kind: Kind

  /// Takes ownership of an open identifier.
  init(owning id: hid_t, _ kind: Kind) {
    self.id = id
    self.kind = kind
    Library.enter()
    defer { Library.leave() }
    Library.handleCount += 1
  }

  deinit { _ = Self.close(id, kind) }

  /// Closes now and says whether it worked; after a failure the identifier is given up, never closed again.
  consuming func close(for attempt: Attempt) throws(HDF5Error) {
    let (id, kind) = (id, kind)
    discard self
    try attempt.check(Self.close(id, kind))
  }

  private static func close(_ id: hid_t, _ kind: Kind) -> herr_t {
    Library.enter()
    defer { Library.leave() }
    Library.handleCount -= 1
    return switch kind {
    case .file: H5Fclose(id)
    case .group: H5Gclose(id)
    case .dataset: H5Dclose(id)
    case .attribute: H5Aclose(id)
    case .datatype: H5Tclose(id)
    case .dataspace: H5Sclose(id)
    case .propertyList: H5Pclose(id)
    }
  }
}
