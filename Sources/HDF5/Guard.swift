internal import CHDF5
internal import Glibc

/// What lets through what may be opened for reading: files, paths in them, datasets and types all pass here.
///
/// Files come from strangers. One that leads into other files, keeps its values elsewhere, declares far more than it
/// stores or asks for code beyond the three filters below is refused before it is touched. What libhdf5 itself gets
/// wrong in damaged structure is not seen from here; see `HDF5File.examine` and the process that runs it.
struct Guard {
  let attempt: Attempt

  /// Groups within groups, in a path and while searching.
  static let depthLimit = 64
  /// Filters that chunks may have passed. Others have open overflows (CVE-2025-44905), or are code loaded at run time.
  static let filters: [Int32: String] = [1: "deflate", 2: "shuffle", 3: "fletcher32"]

  /// Refuses what is no regular file, such as a pipe that would never end; links to files are followed.
  func requireRegularFile() throws(HDF5Error) {
    var information = stat()
    guard stat(attempt.file, &information) == 0 else {
      let code = errno
      throw attempt.failure(code == ENOENT || code == ENOTDIR ? .missing : .system, String(cString: strerror(code)))
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      let what = information.st_mode & S_IFMT == S_IFDIR ? "a directory" : "no regular file"
      throw attempt.failure(.unreadable, "it is \(what), expected an HDF5 file")
    }
  }

  /// Why a path below an object leads nowhere: each component is looked at; `nil` where it leads to an object of this file.
  func problem(of name: String, below identifier: hid_t) -> (isMissing: Bool, reason: String)? {
    let components = name.split(separator: "/")
    let above = attempt.object.utf8.count { $0 == UInt8(ascii: "/") }
    guard components.count + above <= Self.depthLimit else {
      return (false, "it lies deeper than \(Self.depthLimit) groups, which no known program makes")
    }
    var prefix = name.hasPrefix("/") ? "/" : ""
    for component in components {
      prefix += prefix.isEmpty || prefix == "/" ? component : "/" + component
      let place = path(of: prefix, below: attempt.object)
      if H5Lexists(identifier, prefix, h5_default()) <= 0 { return (true, "there is no \(place)") }
      let type = h5_link_type(identifier, prefix)
      if type == H5L_TYPE_EXTERNAL.rawValue {
        return (false, "\(place) is a link into another file, which is never followed; copy the data in")
      }
      guard type == H5L_TYPE_HARD.rawValue || type == H5L_TYPE_SOFT.rawValue else {
        return (false, "\(place) is a link of an unknown kind, which is never followed")
      }
      if H5Oexists_by_name(identifier, prefix, h5_default()) <= 0 {
        return (true, "\(place) is a link that leads nowhere")
      }
    }
    return nil
  }

  /// Refuses values kept in other files, filters and layouts that are not known, and shapes of more than 4 GiB and 1,000
  /// times what is stored.
  func requireDataset(_ identifier: hid_t) throws(HDF5Error) {
    let properties = try attempt.own(H5Dget_create_plist(identifier), .propertyList)
    let layout = H5Pget_layout(properties.id)
    guard layout != H5D_VIRTUAL, H5Pget_external_count(properties.id) == 0 else {
      throw attempt.failure(.unreadable, "its values lie in other files, which are never followed; copy the data in")
    }
    guard layout == H5D_CHUNKED || layout == H5D_CONTIGUOUS || layout == H5D_COMPACT else {
      throw attempt.failure(.unreadable, "its layout is of an unknown kind")
    }
    try requireFilters(properties.id)
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    let space = try attempt.own(H5Dget_space(identifier), .dataspace)
    let shape = shape(ofSpace: space.id) ?? [0]
    // Extents of 0 do not hide the others.
    let bytes = elementCount(of: shape.map { max(1, $0) } + [max(1, H5Tget_size(type.id))])
    guard let bytes, bytes <= 4 << 30 || bytes / 1000 <= storedBytes(identifier) else {
      throw attempt.failure(.unreadable, "it declares shape \(shape) but stores \(storedBytes(identifier)) bytes only")
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
          .unreadable, "its chunks passed the filter \(filter), expected none but \(known); write it again with these")
      }
    }
  }

  /// Bytes that a dataset's values can take on disk: no more than the file has, whatever it says.
  private func storedBytes(_ identifier: hid_t) -> Int {
    var information = stat()
    let size = stat(attempt.file, &information) == 0 ? Int(information.st_size) : 0
    return min(Int(clamping: H5Dget_storage_size(identifier)), size)
  }

  /// Refuses types that are no plain numbers: other sizes than 1 to 8 bytes, fields beyond them, foreign byte orders.
  func requireNumber(_ type: hid_t) throws(HDF5Error) {
    let kind = ElementType(of: type)
    guard kind.isNumber else { throw attempt.failure(.unexpected, "it holds \(kind), expected numbers") }
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
        .unreadable, "its numbers are of an unknown form (\(precision) bits at \(offset) of \(size) bytes)")
    }
  }

  /// Refuses to take more memory for values than the machine has.
  func requireMemory(_ bytes: Int?) throws(HDF5Error) {
    guard let bytes, bytes <= Memory.size else {
      throw attempt.failure(
        .unreadable, "it asks for \(bytes.map(String.init) ?? "countless") bytes of memory of \(Memory.size)")
    }
  }
}

/// The machine's memory.
package enum Memory {
  /// In bytes: what the machine has, or what this process may take where that is less.
  package static let size: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES)).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    return min(pages.overflow ? Int.max : pages.partialValue, Int(clamping: limit.rlim_cur))
  }()
}

/// How much of an open file may still be listed: groups that hold each other are listed for ever otherwise.
package final class Allowance: Sendable {
  /// Changed and read inside libhdf5's door only, as are the listings of each group by its place in the file.
  nonisolated(unsafe) private(set) var links = Allowance.limit
  nonisolated(unsafe) private var listings: [UInt64: Int] = [:]
  private static let limit = 1 << 20

  /// Throws where there are more links than are left, or where a group is listed again and again.
  func take(_ count: Int, ofGroupAt address: UInt64, _ attempt: Attempt) throws(HDF5Error) {
    links -= count
    listings[address, default: 0] += 1
    // No search lists a group more than a few times, under however many names.
    guard links >= 0, listings[address, default: 0] <= 32 else {
      throw attempt.failure(
        .unreadable, "its groups list over \(Self.limit) objects, or one another in a circle")
    }
  }
}
