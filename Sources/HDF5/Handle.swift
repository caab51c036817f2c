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

  /// Closes the object. A deinit cannot throw: values that a dataset loses here make the close of its file fail.
  deinit {
    Library.enter()
    defer { Library.leave() }
    let file = kind == .dataset ? Self.fileName(of: id) : ""
    if Self.close(id, kind) < 0, kind == .dataset {
      Library.lostValues[file] = Attempt.innermostMessage() ?? "values could not be written"
    }
  }

  /// Closes the object now; throws on failure. The identifier is never closed again.
  consuming func close(for attempt: Attempt) throws(HDF5Error) {
    let (id, kind) = (id, kind)
    discard self
    try attempt.check(Self.close(id, kind))
  }

  /// The path with which the file of an object was opened.
  private static func fileName(of id: hid_t) -> String {
    var name = [CChar](repeating: 0, count: 4097)
    guard H5Fget_name(id, &name, name.count - 1) >= 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
