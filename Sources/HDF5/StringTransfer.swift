internal import CHDF5
internal import Glibc

/// Strings in and out of attributes and datasets, of fixed and of variable length.
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

  /// The type for writing UTF-8 strings: padded with zeros to the longest, or of variable length.
  func fileType(for strings: [String], fixedLength: Bool) throws(HDF5Error) -> Handle {
    let type = try attempt.own(H5Tcopy(h5_c_string()), .datatype)
    let longest = max(1, strings.map(\.utf8.count).max() ?? 1)
    try attempt.check(H5Tset_size(type.id, fixedLength ? longest : h5_variable_length()))
    try attempt.check(H5Tset_cset(type.id, H5T_CSET_UTF8))
    if fixedLength { try attempt.check(H5Tset_strpad(type.id, H5T_STR_NULLPAD)) }
    return type
  }

  /// Reads `count` strings; `transfer` is `H5Aread` or `H5Dread` with a type in memory and a place for the data.
  func read(
    type: hid_t, space: hid_t, count: Int, transfer: (hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    // Writers store an empty list as anything: h5py makes it an empty array of doubles.
    if count == 0 { return [] }
    guard H5Tget_class(type) == H5T_STRING else {
      throw attempt.failure(.unexpected, "it holds \(ElementType(of: type)), expected strings")
    }
    let memory = try memoryType(for: type)
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: H5Tget_size(memory.id))
    guard !overflow, byteCount <= 1 << 30 else {
      throw attempt.failure(.unreadable, "it declares \(count) strings of \(H5Tget_size(memory.id)) bytes, over 1 GiB")
    }
    if H5Tis_variable_str(type) > 0 {
      var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
      let status = pointers.withUnsafeMutableBytes { transfer(memory.id, $0.baseAddress!) }
      try attempt.check(status)
      defer { _ = pointers.withUnsafeMutableBytes { H5Dvlen_reclaim(memory.id, space, h5_default(), $0.baseAddress!) } }
      return pointers.map { $0.map { String(cString: $0) } ?? "" }
    }
    let size = H5Tget_size(memory.id)
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let status = bytes.withUnsafeMutableBytes { transfer(memory.id, $0.baseAddress!) }
    try attempt.check(status)
    let isSpacePadded = H5Tget_strpad(memory.id) == H5T_STR_SPACEPAD
    return (0..<count).map { position in
      var text = bytes[position * size..<(position + 1) * size].prefix { $0 != 0 }
      if isSpacePadded { while text.last == UInt8(ascii: " ") { text.removeLast() } }
      return String(decoding: text, as: UTF8.self)
    }
  }

  /// Writes strings under a type made by `fileType`; `transfer` is `H5Awrite` or `H5Dwrite`.
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
