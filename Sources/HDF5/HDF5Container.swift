internal import CHDF5

/// A child of a group.
package struct HDF5Child: Sendable, Equatable {
  /// The object that the child's link leads to, or why it leads to none.
  package enum Kind: Sendable { case group, dataset, datatype, brokenLink, externalLink }
  /// The name in the group.
  package let name: String
  /// The kind of object.
  package let kind: Kind
}

/// The names that a listing found.
private struct Listing {
  var names: [String] = []
  var hasOtherText = false
  let limit: Int

  init(limit: Int) { self.limit = limit }
}

/// A container of groups and datasets: a file's root or a group. Names can be relative or absolute paths.
package protocol HDF5Container: HDF5Object, ~Copyable {
  /// The limit of listings, shared by all groups of an open file.
  var listingLimit: ListingLimit { get }
}

extension HDF5Container where Self: ~Copyable {
  /// The children, sorted by name.
  ///
  /// - Throws: `HDF5Error` if the file is damaged or lists too many objects.
  package func children() throws(HDF5Error) -> [HDF5Child] {
    Library.enter()
    defer { Library.leave() }
    var listing = Listing(limit: max(0, listingLimit.links))
    let status = withUnsafeMutablePointer(to: &listing) { listing in
      h5_each_link(
        identifier,
        { name, context in
          guard let name, let listing = context?.assumingMemoryBound(to: Listing.self) else {
            return 0
          }
          guard let name = String(validatingCString: name) else {
            listing.pointee.hasOtherText = true
            return 1
          }
          listing.pointee.names.append(name)
          return listing.pointee.names.count > listing.pointee.limit ? 1 : 0
        }, listing)
    }
    let attempt = attempt("list")
    try attempt.check(status)
    guard !listing.hasOtherText else {
      throw attempt.failure(.unreadable, "it holds an object whose name is not UTF-8; rename it")
    }
    var address: UInt64 = 0
    _ = h5_object_type(identifier, ".", &address)
    try listingLimit.take(listing.names.count, ofGroupAt: address, attempt)
    return listing.names.map { HDF5Child(name: $0, kind: kind(of: $0)) }
  }

  /// Whether there is an object of that name or path in this file.
  package func exists(_ name: String) -> Bool {
    Library.enter()
    defer { Library.leave() }
    return Guard(attempt: attempt("find")).problem(of: name, below: identifier) == nil
  }

  /// The kind of the object of a name; `nil` if there is none.
  package func child(_ name: String) -> HDF5Child.Kind? {
    Library.enter()
    defer { Library.leave() }
    return Guard(attempt: attempt("find")).problem(of: name, below: identifier) == nil ? kind(of: name) : nil
  }

  /// Opens a group.
  ///
  /// - Throws: `HDF5Error` if it is missing, not a group, or behind a link into another file.
  package func group(_ name: String) throws(HDF5Error) -> HDF5Group {
    Library.enter()
    defer { Library.leave() }
    let handle = try open(name, .group, attempt("open the group", name))
    return HDF5Group(handle, filePath: filePath, path: path(of: name), listingLimit: listingLimit)
  }

  /// Creates a group and the missing groups of its path.
  ///
  /// - Throws: `HDF5Error` if the name exists or the file cannot be written.
  @discardableResult
  package func createGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("create the group", name)
    let links = try linkProperties(attempt)
    let handle = try attempt.own(H5Gcreate2(identifier, name, links.id, h5_default(), h5_default()), .group)
    return HDF5Group(handle, filePath: filePath, path: path(of: name), listingLimit: listingLimit)
  }

  /// Opens a dataset.
  ///
  /// - Parameter keepsChunks: whether a chunk stays in memory after a part of it is read. Without filters this only makes
  ///   HDF5 read whole chunks.
  /// - Throws: `HDF5Error` if it is missing, not a dataset, or refused by `Guard`.
  package func dataset(_ name: String, keepsChunks: Bool = true) throws(HDF5Error) -> HDF5Dataset {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("open the dataset", name)
    let handle = try open(name, .dataset, attempt)
    try Guard(attempt: attempt).requireDataset(handle.id)
    guard !keepsChunks else { return HDF5Dataset(handle, filePath: filePath, path: path(of: name)) }
    // An open dataset keeps its cache: close it first.
    _ = consume handle
    let access = try attempt.own(H5Pcreate(h5_dataset_access()), .propertyList)
    try attempt.check(H5Pset_chunk_cache(access.id, -1, 0, -1))
    let other = try attempt.own(H5Dopen2(identifier, name, access.id), .dataset)
    return HDF5Dataset(other, filePath: filePath, path: path(of: name))
  }

  /// Opens the dataset that a reference of this file leads to.
  ///
  /// - Throws: `HDF5Error` if it leads to none, or to one that is refused by `Guard`.
  package func dataset(at reference: HDF5Reference) throws(HDF5Error) -> HDF5Dataset {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("open the dataset of a reference in")
    var address = reference.address
    guard h5_reference_type(identifier, &address) == H5O_TYPE_DATASET.rawValue else {
      throw attempt.failure(.unexpected, "the reference leads to no dataset")
    }
    let handle = try attempt.own(h5_dereference(identifier, &address), .dataset)
    try Guard(attempt: attempt).requireDataset(handle.id)
    return HDF5Dataset(handle, filePath: filePath, path: path)
  }

  /// Creates a dataset and the missing groups of its path.
  ///
  /// - Parameters:
  ///   - chunk: the shape of a chunk; `nil` for a contiguous layout.
  ///   - extensible: whether the first dimension can grow; needs `chunk`.
  ///   - gzip: the compression level, 1 … 9; needs `chunk`.
  /// - Throws: `HDF5Error` if the name exists, the layout is invalid or the file cannot be written.
  package func createDataset<Element: HDF5Element>(
    _ name: String, of: Element.Type, shape: [Int], chunk: [Int]? = nil, extensible: Bool = false, gzip: Int? = nil
  ) throws(HDF5Error) -> HDF5Dataset {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("create the dataset", name)
    let properties = try datasetProperties(attempt)
    var maximum = shape.map { hsize_t(clamping: $0) }
    if let chunk {
      guard chunk.count == shape.count, !chunk.isEmpty, chunk.allSatisfy({ $0 > 0 }) else {
        throw attempt.failure(.unexpected, "chunk \(chunk) does not match shape \(shape)")
      }
      try attempt.check(H5Pset_chunk(properties.id, Int32(chunk.count), chunk.map { hsize_t($0) }))
      if let gzip {
        try attempt.check(H5Pset_shuffle(properties.id))
        try attempt.check(H5Pset_deflate(properties.id, UInt32(clamping: gzip)))
      }
      if extensible { maximum[0] = h5_unlimited() }
    } else if extensible || gzip != nil {
      throw attempt.failure(.unexpected, "an extensible or compressed dataset needs chunks")
    }
    return try create(name, type: Element.nativeType, shape: shape, maximum: maximum, properties.id, attempt)
  }

  /// Creates a dataset, contiguous or in chunks, and writes all its values.
  ///
  /// - Throws: `HDF5Error` if the counts differ, the name exists or the file cannot be written.
  package func writeDataset<Element: HDF5Element>(
    _ name: String, _ values: [Element], shape: [Int]? = nil, chunk: [Int]? = nil, gzip: Int? = nil
  ) throws(HDF5Error) {
    let dataset = try createDataset(
      name, of: Element.self, shape: shape ?? [values.count], chunk: chunk, gzip: gzip)
    try dataset.write(values)
  }

  /// Creates a dataset of strings of variable length.
  ///
  /// - Throws: `HDF5Error` if the name exists or the file cannot be written.
  package func writeDataset(_ name: String, _ strings: [String]) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("write the dataset", name)
    let transfer = StringTransfer(attempt: attempt)
    let type = try transfer.fileType(for: strings, fixedLength: false)
    let properties = try datasetProperties(attempt)
    let dataset = try create(
      name, type: type.id, shape: [strings.count], maximum: [hsize_t(strings.count)], properties.id, attempt)
    try transfer.write(strings, type: type.id) { [id = dataset.identifier, type = type.id] in
      H5Dwrite(id, type, h5_everything(), h5_everything(), h5_default(), $0)
    }
  }

  /// Creates a dataset of Float whose space is allocated at once and whose values HDF5 never writes.
  func reserveDataset(_ name: String, shape: [Int]) throws(HDF5Error) -> HDF5Dataset {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("create the dataset", name)
    let properties = try datasetProperties(attempt)
    try attempt.check(H5Pset_alloc_time(properties.id, H5D_ALLOC_TIME_EARLY))
    try attempt.check(H5Pset_fill_time(properties.id, H5D_FILL_TIME_NEVER))
    return try create(
      name, type: h5_native_float(), shape: shape, maximum: shape.map { hsize_t(clamping: $0) }, properties.id, attempt)
  }

  private func create(
    _ name: String, type: hid_t, shape: [Int], maximum: [hsize_t], _ properties: hid_t, _ attempt: Attempt
  ) throws(HDF5Error) -> HDF5Dataset {
    guard shape.allSatisfy({ $0 >= 0 }) else { throw attempt.failure(.unexpected, "negative extent in \(shape)") }
    let space = try dataspace(shape, maximum: maximum, for: attempt)
    let links = try linkProperties(attempt)
    let handle = try attempt.own(
      H5Dcreate2(identifier, name, type, space.id, links.id, properties, h5_default()), .dataset)
    return HDF5Dataset(handle, filePath: filePath, path: path(of: name))
  }

  /// The properties of a new dataset: without times, so that equal content gives equal bytes.
  private func datasetProperties(_ attempt: Attempt) throws(HDF5Error) -> Handle {
    let properties = try attempt.own(H5Pcreate(h5_dataset_create()), .propertyList)
    try attempt.check(H5Pset_obj_track_times(properties.id, false))
    return properties
  }

  /// The properties of a new link: a UTF-8 name; missing groups are created.
  private func linkProperties(_ attempt: Attempt) throws(HDF5Error) -> Handle {
    let links = try attempt.own(H5Pcreate(h5_link_create()), .propertyList)
    try attempt.check(H5Pset_create_intermediate_group(links.id, 1))
    try attempt.check(H5Pset_char_encoding(links.id, H5T_CSET_UTF8))
    return links
  }

  /// Opens an object of this file after a check of each component of its path.
  private func open(_ name: String, _ wanted: HDF5Child.Kind, _ attempt: Attempt) throws(HDF5Error) -> Handle {
    if let problem = Guard(attempt: self.attempt("find")).problem(of: name, below: identifier) {
      throw attempt.failure(problem.isMissing ? .missing : .unreadable, problem.reason)
    }
    let found = kind(of: name)
    guard found == wanted else { throw attempt.failure(.unexpected, "it is a \(found), not a \(wanted)") }
    return try attempt.own(
      H5Oopen(identifier, name, h5_default()), wanted == .dataset ? .dataset : .group)
  }

  /// The kind of a link's object, without opening it.
  private func kind(of name: String) -> HDF5Child.Kind {
    if name.contains(where: { $0 != "/" }), h5_link_type(identifier, name) == H5L_TYPE_EXTERNAL.rawValue {
      return .externalLink
    }
    var address: UInt64 = 0
    return switch h5_object_type(identifier, name, &address) {
    case H5O_TYPE_GROUP.rawValue: .group
    case H5O_TYPE_DATASET.rawValue: .dataset
    case H5O_TYPE_NAMED_DATATYPE.rawValue: .datatype
    default: .brokenLink
    }
  }
}
