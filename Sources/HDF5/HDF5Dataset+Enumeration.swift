internal import CHDF5

/// Enumerations: whole numbers that have names.
extension HDF5Dataset {
  /// The most members that are read.
  private static let memberLimit = 1 << 16

  /// Whether its elements are of an enumeration.
  package var isEnumeration: Bool {
    Library.enter()
    defer { Library.leave() }
    let type = Handle(owning: H5Dget_type(identifier), .datatype)
    return H5Tget_class(type.id) == H5T_ENUM
  }

  /// The names of its enumeration and the numbers that they stand for, in the file's order.
  ///
  /// - Throws: `HDF5Error` if it is of no enumeration of whole numbers, has more than 65,536 members, or a name is not UTF-8.
  package func members() throws(HDF5Error) -> [(name: String, value: Int64)] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    let type = try enumeration(attempt)
    let count = H5Tget_nmembers(type.id)
    guard (0...Int32(Self.memberLimit)).contains(count) else {
      throw attempt.failure(.unreadable, "it declares an enumeration of \(count) members")
    }
    let base = try attempt.own(H5Tget_super(type.id), .datatype)
    let isSigned = H5Tget_sign(base.id) == H5T_SGN_2
    let size = H5Tget_size(type.id)
    return try (0..<UInt32(count)).map { place throws(HDF5Error) in
      var bytes = [UInt8](repeating: 0, count: size)
      try attempt.check(H5Tget_member_value(type.id, place, &bytes))
      guard let name = H5Tget_member_name(type.id, place) else {
        throw attempt.failure(.unreadable, "member \(place) of its enumeration has no name")
      }
      defer { H5free_memory(name) }
      guard let text = String(validatingCString: name) else {
        throw attempt.failure(.unreadable, "the name of member \(place) of its enumeration is not UTF-8")
      }
      let fill: UInt64 = isSigned && bytes.last ?? 0 >= 0x80 ? ~0 : 0
      let bits = bytes.reversed().reduce(fill) { $0 << 8 | UInt64($1) }
      return (text, Int64(bitPattern: bits))
    }
  }

  /// The numbers of all elements of an enumeration.
  ///
  /// - Throws: `HDF5Error` if it is of no enumeration of whole numbers, or cannot be read.
  package func readEnumeration() throws(HDF5Error) -> [Int64] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    let type = try enumeration(attempt)
    let (count, size) = (count, H5Tget_size(type.id))
    try Guard(attempt: attempt).requireMemory(elementCount(of: [count, 8]))
    guard count > 0 else { return [] }
    let base = try attempt.own(H5Tget_super(type.id), .datatype)
    let isSigned = H5Tget_sign(base.id) == H5T_SGN_2
    var bytes = [UInt8](repeating: 0, count: count * size)
    try attempt.check(H5Dread(identifier, type.id, h5_everything(), h5_everything(), h5_default(), &bytes))
    return (0..<count).map { place in
      let value = bytes[place * size..<(place + 1) * size]
      let fill: UInt64 = isSigned && value.last ?? 0 >= 0x80 ? ~0 : 0
      return Int64(bitPattern: value.reversed().reduce(fill) { $0 << 8 | UInt64($1) })
    }
  }

  /// Its enumeration in memory: whole numbers of up to 8 bytes, the lowest first.
  private func enumeration(_ attempt: Attempt) throws(HDF5Error) -> Handle {
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    guard H5Tget_class(type.id) == H5T_ENUM else {
      throw attempt.failure(.unexpected, "it holds \(elementType), expected an enumeration")
    }
    let stored = try attempt.own(H5Tget_super(type.id), .datatype)
    try Guard(attempt: attempt).requireNumber(stored.id)
    let native = try attempt.own(H5Tget_native_type(type.id, H5T_DIR_ASCEND), .datatype)
    let base = try attempt.own(H5Tget_super(native.id), .datatype)
    guard H5Tget_class(base.id) == H5T_INTEGER, (1...8).contains(H5Tget_size(native.id)) else {
      throw attempt.failure(.unexpected, "it holds an enumeration of other values than whole numbers")
    }
    return native
  }
}
