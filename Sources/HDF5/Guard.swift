internal import CHDF5
internal import Glibc

/// Checks everything that is opened for reading: files, paths in them, datasets and types.
///
/// Files are untrusted. A guard refuses links into other files, values stored elsewhere, shapes far larger than what is
/// stored, and filters other than the three below, before libhdf5 touches them. It cannot find damaged structure that
/// makes libhdf5 itself fail; see `HDF5File.examine` and the process that runs it.
struct Guard {
  let attempt: Attempt

  /// The deepest nesting of groups, in a path and in a search.
  static let depthLimit = 64
  /// The accepted filters. Others have unfixed overflows (CVE-2025-44905), or load code at run time.
  static let filters: [Int32: String] = [1: "deflate", 2: "shuffle", 3: "fletcher32"]

  /// Refuses a path that is not a regular file, such as a pipe that never ends; follows symbolic links.
  func requireRegularFile() throws(HDF5Error) {
    var information = stat()
    guard stat(attempt.file, &information) == 0 else {
      let code = errno
      throw attempt.failure(code == ENOENT || code == ENOTDIR ? .missing : .system, String(cString: strerror(code)))
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      let what = information.st_mode & S_IFMT == S_IFDIR ? "a directory" : "not a regular file"
      throw attempt.failure(.unreadable, "it is \(what), expected an HDF5 file")
    }
  }

  /// Why a path below an object does not lead to an object of this file; `nil` if it does. Checks each component.
  func problem(of name: String, below identifier: hid_t) -> (isMissing: Bool, reason: String)? {
    let components = name.split(separator: "/")
    let above = attempt.object.utf8.count { $0 == UInt8(ascii: "/") }
    guard components.count + above <= Self.depthLimit else {
      return (false, "it lies deeper than \(Self.depthLimit) groups, which no known program writes")
    }
    var prefix = name.hasPrefix("/") ? "/" : ""
    for component in components {
      prefix += prefix.isEmpty || prefix == "/" ? component : "/" + component
      let place = path(of: prefix, below: attempt.object)
      if H5Lexists(identifier, prefix, h5_default()) <= 0 { return (true, "there is no \(place)") }
      let type = h5_link_type(identifier, prefix)
      if type == H5L_TYPE_EXTERNAL.rawValue {
        return (false, "\(place) is a link into another file, which is never followed; copy the data into this file")
      }
      guard type == H5L_TYPE_HARD.rawValue || type == H5L_TYPE_SOFT.rawValue else {
        return (false, "\(place) is a link of an unknown kind, which is never followed")
      }
      if H5Oexists_by_name(identifier, prefix, h5_default()) <= 0 {
        return (true, "\(place) is a broken link")
      }
    }
    return nil
  }

  /// Refuses values in other files, unknown filters and layouts, and a shape above both 4 GiB and 1,000 times its storage.
  func requireDataset(_ identifier: hid_t) throws(HDF5Error) {
    let properties = try attempt.own(H5Dget_create_plist(identifier), .propertyList)
    let layout = H5Pget_layout(properties.id)
    guard layout != H5D_VIRTUAL, H5Pget_external_count(properties.id) == 0 else {
      throw attempt.failure(
        .unreadable, "its values lie in other files, which are never followed; copy the data into this file")
    }
    guard layout == H5D_CHUNKED || layout == H5D_CONTIGUOUS || layout == H5D_COMPACT else {
      throw attempt.failure(.unreadable, "its layout is unknown")
    }
    try requireFilters(properties.id)
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    let space = try attempt.own(H5Dget_space(identifier), .dataspace)
    let shape = shape(ofSpace: space.id) ?? [0]
    // An extent of 0 must not hide the others.
    let bytes = elementCount(of: shape.map { max(1, $0) } + [max(1, H5Tget_size(type.id))])
    guard let bytes, bytes <= 4 << 30 || bytes / 1000 <= storedBytes(identifier) else {
      throw attempt.failure(.unreadable, "it declares shape \(shape) but stores only \(storedBytes(identifier)) bytes")
    }
  }

  private func requireFilters(_ properties: hid_t) throws(HDF5Error) {
    let count = H5Pget_nfilters(properties)
    guard (0...32).contains(count) else { throw attempt.failure() }
    for position in 0..<UInt32(count) {
      var flags: UInt32 = 0
      var valueCount = 0
      var configuration: UInt32 = 0
      let filter = H5Pget_filter2(properties, position, &flags, &valueCount, nil, 0, nil, &configuration)
      guard Self.filters[filter] != nil else {
        let known = Self.filters.values.sorted().joined(separator: ", ")
        throw attempt.failure(
          .unreadable, "its chunks use filter \(filter), expected only \(known); write the file again with these")
      }
    }
  }

  /// The bytes of a dataset's values on disk, at most the size of the file whatever it declares.
  private func storedBytes(_ identifier: hid_t) -> Int {
    var information = stat()
    let size = stat(attempt.file, &information) == 0 ? Int(information.st_size) : 0
    return min(Int(clamping: H5Dget_storage_size(identifier)), size)
  }

  /// Refuses types that are not plain numbers: sizes other than 1, 2, 4 or 8 bytes, bits outside, unknown byte orders.
  func requireNumber(_ type: hid_t) throws(HDF5Error) {
    let kind = ElementType(of: type)
    guard kind.isNumber else { throw attempt.failure(.unexpected, "it holds \(kind), expected numbers") }
    if kind == .bool {
      let base = try attempt.own(H5Tget_super(type), .datatype)
      return try requireNumber(base.id)
    }
    let size = H5Tget_size(type)
    let order = H5Tget_order(type)
    let isOrdered = order == H5T_ORDER_LE || order == H5T_ORDER_BE || order == H5T_ORDER_NONE && size == 1
    let (precision, offset) = (H5Tget_precision(type), Int(H5Tget_offset(type)))
    var isPlain = [1, 2, 4, 8].contains(size) && isOrdered && precision > 0 && offset >= 0
    if isPlain { isPlain = precision <= 8 * size && offset <= 8 * size - precision }
    if isPlain, H5Tget_class(type) == H5T_FLOAT {
      var (sign, exponent, exponentSize, mantissa, mantissaSize) = (0, 0, 0, 0, 0)
      isPlain =
        H5Tget_fields(type, &sign, &exponent, &exponentSize, &mantissa, &mantissaSize) >= 0
        && sign < 8 * size && (1...15).contains(exponentSize) && (1...63).contains(mantissaSize)
        && exponent <= 8 * size - exponentSize && mantissa <= 8 * size - mantissaSize
    }
    guard isPlain else {
      throw attempt.failure(
        .unreadable, "its numbers have an unknown format (\(precision) bits at \(offset) of \(size) bytes)")
    }
  }

  /// Refuses values that take more memory than the machine has.
  func requireMemory(_ bytes: Int?) throws(HDF5Error) {
    guard let bytes, bytes <= Memory.size else {
      throw attempt.failure(
        .unreadable,
        "its values need \(bytes.map { "\($0)" } ?? "more than 2⁶³") bytes of memory; there are \(Memory.size)")
    }
  }
}

/// The machine's memory.
package enum Memory {
  /// In bytes: the memory of the machine, or the limit of this process if that is less.
  package static let size: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    return min(pages.overflow ? Int.max : pages.partialValue, Int(clamping: limit.rlim_cur))
  }()
}

/// Limits the listings of an open file: groups that contain each other could be listed forever.
package final class ListingLimit: Sendable {
  /// Links that may still be listed. Accessed only under libhdf5's lock, as are the listings per group by address.
  nonisolated(unsafe) private(set) var links = ListingLimit.limit
  nonisolated(unsafe) private var listings: [UInt64: Int] = [:]
  private static let limit = 1 << 20

  /// Counts one listing of a group; throws if it exceeds the links left, or if one group is listed too often.
  func take(_ count: Int, ofGroupAt address: UInt64, _ attempt: Attempt) throws(HDF5Error) {
    links -= count
    listings[address, default: 0] += 1
    // A search lists a group a few times at most, whatever its number of names.
    guard links >= 0, listings[address, default: 0] <= 32 else {
      throw attempt.failure(
        .unreadable, "its groups list over \(Self.limit) objects, or contain each other in a cycle")
    }
  }
}
