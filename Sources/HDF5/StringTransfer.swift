internal import CHDF5
internal import Glibc

/// Reads and writes strings of attributes and datasets, of fixed and variable length.
struct StringTransfer {
  let attempt: Attempt

  /// The type in memory for strings of a file's type.
  private func memoryType(for type: hid_t) throws(HDF5Error) -> Handle {
    let memory = try attempt.own(H5Tcopy(h5_c_string()), .datatype)
    let isVariable = H5Tis_variable_str(type) > 0
    try attempt.check(H5Tset_size(memory.id, isVariable ? h5_variable_length() : H5Tget_size(type)))
    try attempt.check(H5Tset_cset(memory.id, H5Tget_cset(type)))
    if !isVariable { try attempt.check(H5Tset_strpad(memory.id, H5Tget_strpad(type))) }
    return memory
  }

  /// The type of UTF-8 strings on disk: zero-padded to the longest one, or of variable length.
  func fileType(for strings: [String], fixedLength: Bool) throws(HDF5Error) -> Handle {
    let type = try attempt.own(H5Tcopy(h5_c_string()), .datatype)
    let longest = max(1, strings.map(\.utf8.count).max() ?? 1)
    try attempt.check(H5Tset_size(type.id, fixedLength ? longest : h5_variable_length()))
    try attempt.check(H5Tset_cset(type.id, H5T_CSET_UTF8))
    if fixedLength { try attempt.check(H5Tset_strpad(type.id, H5T_STR_NULLPAD)) }
    return type
  }

  /// The most bytes of all strings in memory: many strings can refer to one long text in the file.
  private static let byteLimit = 256 << 20

  /// Reads `count` strings; `transfer` calls `H5Aread` or `H5Dread` with a memory type, properties and a buffer.
  func read(
    type: hid_t, space: hid_t, count: Int, transfer: (hid_t, hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    // An empty list can have any type: h5py writes an empty array of doubles.
    if count == 0 { return [] }
    guard H5Tget_class(type) == H5T_STRING else {
      throw attempt.failure(.unexpected, "it holds \(ElementType(of: type)), expected strings")
    }
    let memory = try memoryType(for: type)
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: H5Tget_size(memory.id))
    guard !overflow, byteCount <= Self.byteLimit else {
      throw attempt.failure(
        .unreadable,
        "it declares \(count) strings of \(H5Tget_size(memory.id)) bytes, over the limit of \(Self.byteLimit) in total")
    }
    let properties = try attempt.own(H5Pcreate(h5_transfer()), .propertyList)
    if H5Tis_variable_str(type) > 0 {
      var left = Self.byteLimit
      return try withUnsafeMutablePointer(to: &left) { left throws(HDF5Error) in
        try attempt.check(
          H5Pset_vlen_mem_manager(
            properties.id,
            { size, left in
              guard let left = left?.assumingMemoryBound(to: Int.self), size <= left.pointee else { return nil }
              left.pointee -= size
              return malloc(size)
            }, left, { place, _ in free(place) }, nil))
        return try readVariable(count, memory.id, space: space, properties.id, transfer)
      }
    }
    let size = H5Tget_size(memory.id)
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let status = bytes.withUnsafeMutableBytes { transfer(memory.id, properties.id, $0.baseAddress!) }
    try attempt.check(status)
    let isSpacePadded = H5Tget_strpad(memory.id) == H5T_STR_SPACEPAD
    return try (0..<count).map { position throws(HDF5Error) in
      var text = bytes[position * size..<(position + 1) * size].prefix { $0 != 0 }
      if isSpacePadded { while text.last == UInt8(ascii: " ") { text.removeLast() } }
      return try utf8(text)
    }
  }

  private func utf8(_ bytes: ArraySlice<UInt8>) throws(HDF5Error) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw notUTF8 }
    return text
  }

  /// The error of bytes that are no text; they are never repaired.
  private var notUTF8: HDF5Error {
    attempt.failure(.unreadable, "it holds text that is not UTF-8; write its strings again as UTF-8")
  }

  private func readVariable(
    _ count: Int, _ memory: hid_t, space: hid_t, _ properties: hid_t,
    _ transfer: (hid_t, hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    let status = pointers.withUnsafeMutableBytes { transfer(memory, properties, $0.baseAddress!) }
    try attempt.check(status)
    defer { _ = pointers.withUnsafeMutableBytes { H5Dvlen_reclaim(memory, space, properties, $0.baseAddress!) } }
    return try pointers.map { pointer throws(HDF5Error) in
      guard let pointer else { return "" }
      guard let text = String(validatingCString: pointer) else { throw notUTF8 }
      return text
    }
  }

  /// Writes strings with a type from `fileType`; `transfer` calls `H5Awrite` or `H5Dwrite`.
  func write(_ strings: [String], type: hid_t, transfer: (UnsafeRawPointer) -> herr_t) throws(HDF5Error) {
    if strings.isEmpty { return }
    if H5Tis_variable_str(type) > 0 {
      let copies = strings.map { strdup($0) }
      defer { for copy in copies { free(copy) } }
      let status = copies.withUnsafeBytes { transfer($0.baseAddress!) }
      return try attempt.check(status)
    }
    let size = H5Tget_size(type)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(strings.count * size)
    for string in strings {
      bytes += string.utf8
      bytes += repeatElement(0, count: size - string.utf8.count)
    }
    let status = bytes.withUnsafeBytes { transfer($0.baseAddress!) }
    try attempt.check(status)
  }
}
