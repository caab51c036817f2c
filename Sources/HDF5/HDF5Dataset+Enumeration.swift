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
    let number = try EnumeratedNumber(of: type.id, attempt)
    return try (0..<UInt32(count)).map { place throws(HDF5Error) in
      var bytes = [UInt8](repeating: 0, count: number.size)
      try attempt.check(H5Tget_member_value(type.id, place, &bytes))
      guard let name = H5Tget_member_name(type.id, place) else {
        throw attempt.failure(.unreadable, "member \(place) of its enumeration has no name")
      }
      defer { H5free_memory(name) }
      guard let text = String(validatingCString: name) else {
        throw attempt.failure(.unreadable, "the name of member \(place) of its enumeration is not UTF-8")
      }
      return (text, number.value(bytes[...]))
    }
  }

  /// The numbers of all elements of an enumeration, those without a name included.
  ///
  /// - Throws: `HDF5Error` if it is of no enumeration of whole numbers, or cannot be read.
  package func readEnumeration() throws(HDF5Error) -> [Int64] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    let type = try enumeration(attempt)
    let number = try EnumeratedNumber(of: type.id, attempt)
    let count = count
    try Guard(attempt: attempt).requireMemory(elementCount(of: [count, 8]))
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count * number.size)
    // As they lie in the file: a conversion would make −1 of a number without a name.
    try attempt.check(H5Dread(identifier, type.id, h5_everything(), h5_everything(), h5_default(), &bytes))
    return (0..<count).map { number.value(bytes[$0 * number.size..<($0 + 1) * number.size]) }
  }

  private func enumeration(_ attempt: Attempt) throws(HDF5Error) -> Handle {
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    guard H5Tget_class(type.id) == H5T_ENUM else {
      throw attempt.failure(.unexpected, "it holds \(elementType), expected an enumeration")
    }
    return type
  }
}

/// How the numbers of an enumeration lie in a file.
private struct EnumeratedNumber {
  /// Bytes of a number.
  let size: Int
  private let isSigned: Bool
  private let isBigEndian: Bool

  init(of type: hid_t, _ attempt: Attempt) throws(HDF5Error) {
    let base = try attempt.own(H5Tget_super(type), .datatype)
    try Guard(attempt: attempt).requireNumber(base.id)
    size = H5Tget_size(base.id)
    guard H5Tget_class(base.id) == H5T_INTEGER, H5Tget_precision(base.id) == 8 * size else {
      throw attempt.failure(.unexpected, "it holds an enumeration of other values than plain whole numbers")
    }
    (isSigned, isBigEndian) = (H5Tget_sign(base.id) == H5T_SGN_2, H5Tget_order(base.id) == H5T_ORDER_BE)
  }

  func value(_ bytes: ArraySlice<UInt8>) -> Int64 {
    let ordered = isBigEndian ? Array(bytes) : bytes.reversed()
    let fill: UInt64 = isSigned && ordered[0] >= 0x80 ? ~0 : 0
    return Int64(bitPattern: ordered.reduce(fill) { $0 << 8 | UInt64($1) })
  }
}
