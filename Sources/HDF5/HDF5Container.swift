internal import CHDF5

/// A child of a group.
package struct HDF5Child: Sendable, Equatable {
  package enum Kind: Sendable { case group, dataset, datatype, brokenLink, externalLink }
  package let name: String
  package let kind: Kind
}

/// Something that holds groups and datasets: a file's root or a group. Names may be paths, relative or from the root.
package protocol HDF5Container: HDF5Object, ~Copyable {}

extension HDF5Container where Self: ~Copyable {
  /// The children by name in increasing order.
  ///
  /// - Throws: `HDF5Error` where the file is damaged.
  package func children() throws(HDF5Error) -> [HDF5Child] {
    Library.enter()
    defer { Library.leave() }
    var names: [String] = []
    let status = withUnsafeMutablePointer(to: &names) { names in
      h5_each_link(
        identifier,
        { name, context in
          if let name { context?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name)) }
          return 0
        }, names)
    }
    try attempt("list").check(status)
    return names.map { HDF5Child(name: $0, kind: kind(of: $0)) }
  }

  /// Whether there is a group or dataset of that name or path.
  package func exists(_ name: String) -> Bool {
    Library.enter()
    defer { Library.leave() }
    return presence(of: name) == nil
  }

  /// The kind of what lies under a name; `nil` where there is nothing.
  package func child(_ name: String) -> HDF5Child.Kind? {
    Library.enter()
    defer { Library.leave() }
    return presence(of: name) == nil ? kind(of: name) : nil
  }

  /// Opens a group.
  ///
  /// - Throws: `HDF5Error` where it is missing, is none or lies behind a link to another file.
  package func group(_ name: String) throws(HDF5Error) -> HDF5Group {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("open the group", name)
    try require(name, .group, attempt)
    let handle = try attempt.own(H5Gopen2(identifier, name, h5_default()), .group)
    return HDF5Group(handle, filePath: filePath, path: path(of: name))
  }

  /// Makes a group and the groups on the way to it.
  ///
  /// - Throws: `HDF5Error` where the name is taken or the file cannot be written.
  @discardableResult
  package func createGroup(_ name: String) throws(HDF5Error) -> HDF5Group {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("create the group", name)
    let links = try linkProperties(attempt)
    let handle = try attempt.own(H5Gcreate2(identifier, name, links.id, h5_default(), h5_default()), .group)
    return HDF5Group(handle, filePath: filePath, path: path(of: name))
  }

  /// Opens a dataset.
  ///
  /// - Throws: `HDF5Error` where it is missing, is none, keeps its values in other files, or declares far more
  ///   values than it stores.
  package func dataset(_ name: String) throws(HDF5Error) -> HDF5Dataset {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("open the dataset", name)
    try require(name, .dataset, attempt)
    let handle = try attempt.own(H5Dopen2(identifier, name, h5_default()), .dataset)
    let dataset = HDF5Dataset(handle, filePath: filePath, path: path(of: name))
    try dataset.refuseHarm(attempt)
    return dataset
  }

  /// Makes a dataset and the groups on the way to it.
  ///
  /// - Parameters:
  ///   - chunk: shape of a chunk; `nil` lays the values out contiguously.
  ///   - extensible: the first dimension can grow; needs `chunk`.
  ///   - gzip: compression level 1 … 9; needs `chunk`.
  /// - Throws: `HDF5Error` where the name is taken, the layout is impossible or the file cannot be written.
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
        throw attempt.failure(.unexpected, "chunk \(chunk) does not suit shape \(shape)")
      }
      try attempt.check(H5Pset_chunk(properties.id, Int32(chunk.count), chunk.map { hsize_t($0) }))
      if let gzip {
        try attempt.check(H5Pset_shuffle(properties.id))
        try attempt.check(H5Pset_deflate(properties.id, UInt32(clamping: gzip)))
      }
      if extensible { maximum[0] = h5_unlimited() }
    } else if extensible || gzip != nil {
      throw attempt.failure(.unexpected, "a dataset that grows or is compressed needs chunks")
    }
    return try create(name, type: Element.nativeType, shape: shape, maximum: maximum, properties.id, attempt)
  }

  /// Makes a contiguous dataset, or a chunked one where `gzip` is given, and writes all its values.
  ///
  /// - Throws: `HDF5Error` where the counts differ, the name is taken or the file cannot be written.
  package func writeDataset<Element: HDF5Element>(
    _ name: String, _ values: [Element], shape: [Int]? = nil, chunk: [Int]? = nil, gzip: Int? = nil
  ) throws(HDF5Error) {
    let dataset = try createDataset(
      name, of: Element.self, shape: shape ?? [values.count], chunk: chunk, gzip: gzip)
    try dataset.write(values)
  }

  /// Makes a dataset of strings of variable length.
  ///
  /// - Throws: `HDF5Error` where the name is taken or the file cannot be written.
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

  /// Makes a dataset of Float whose place in the file is settled at once and whose values HDF5 never touches.
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

  /// Properties of a new dataset: no times, so that the same content is the same bytes.
  private func datasetProperties(_ attempt: Attempt) throws(HDF5Error) -> Handle {
    let properties = try attempt.own(H5Pcreate(h5_dataset_create()), .propertyList)
    try attempt.check(H5Pset_obj_track_times(properties.id, false))
    return properties
  }

  /// Properties of a new link: UTF-8 name, groups on the way are made.
  private func linkProperties(_ attempt: Attempt) throws(HDF5Error) -> Handle {
    let links = try attempt.own(H5Pcreate(h5_link_create()), .propertyList)
    try attempt.check(H5Pset_create_intermediate_group(links.id, 1))
    try attempt.check(H5Pset_char_encoding(links.id, H5T_CSET_UTF8))
    return links
  }

  private func require(_ name: String, _ wanted: HDF5Child.Kind, _ attempt: Attempt) throws(HDF5Error) {
    if let problem = presence(of: name) {
      throw problem.isMissing ? attempt.failure(.missing, problem.reason) : attempt.failure(.unreadable, problem.reason)
    }
    let found = kind(of: name)
    guard found == wanted else { throw attempt.failure(.unexpected, "it is a \(found), not a \(wanted)") }
  }

  /// Why a path leads nowhere: each component is looked at; `nil` where it leads to an object of this file.
  private func presence(of name: String) -> (isMissing: Bool, reason: String)? {
    var prefix = name.hasPrefix("/") ? "/" : ""
    for component in name.split(separator: "/") {
      prefix += prefix.isEmpty || prefix == "/" ? component : "/" + component
      if H5Lexists(identifier, prefix, h5_default()) <= 0 { return (true, "there is no \(path(of: prefix))") }
      if h5_link_type(identifier, prefix) == H5L_TYPE_EXTERNAL.rawValue {
        return (false, "\(path(of: prefix)) is a link into another file, which is never followed; copy the data in")
      }
      if H5Oexists_by_name(identifier, prefix, h5_default()) <= 0 {
        return (true, "\(path(of: prefix)) is a link that leads nowhere")
      }
    }
    return nil
  }

  private func kind(of name: String) -> HDF5Child.Kind {
    if name.contains(where: { $0 != "/" }), h5_link_type(identifier, name) == H5L_TYPE_EXTERNAL.rawValue {
      return .externalLink
    }
    let object = H5Oopen(identifier, name, h5_default())
    if object < 0 { return .brokenLink }
    defer { H5Oclose(object) }
    return switch H5Iget_type(object) {
    case H5I_GROUP: .group
    case H5I_DATASET: .dataset
    default: .datatype
    }
  }
}
