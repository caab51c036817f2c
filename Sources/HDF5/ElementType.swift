internal import CHDF5

/// The type of the elements of a dataset or attribute on disk.
package enum ElementType: Sendable, Equatable, CustomStringConvertible {
  /// Types that Swift has too, and strings of fixed or variable length.
  case uint8, int32, uint32, int64, float, double, string
  /// An enumeration of one byte with the members FALSE and TRUE, as h5py writes truth values; reads as 0 and 1.
  case bool
  /// Any other type, by HDF5's class and size, such as `int16`; numbers of these types convert on reading.
  case other(String)

  /// The name in messages, such as `float32`.
  package var description: String {
    switch self {
    case .uint8: "uint8"
    case .int32: "int32"
    case .uint32: "uint32"
    case .int64: "int64"
    case .float: "float32"
    case .double: "float64"
    case .string: "string"
    case .bool: "bool"
    case .other(let name): name
    }
  }

  /// Whether it is a number, which HDF5 converts to every `HDF5Element`.
  package var isNumber: Bool {
    switch self {
    case .string: false
    case .other(let name): name.hasPrefix("int") || name.hasPrefix("uint") || name.hasPrefix("float")
    default: true
    }
  }

  init(of type: hid_t) {
    let bits = H5Tget_size(type) * 8
    switch H5Tget_class(type) {
    case H5T_INTEGER:
      switch (H5Tget_sign(type) == H5T_SGN_2, bits) {
      case (false, 8): self = .uint8
      case (true, 32): self = .int32
      case (false, 32): self = .uint32
      case (true, 64): self = .int64
      case (let isSigned, _): self = .other("\(isSigned ? "int" : "uint")\(bits)")
      }
    case H5T_FLOAT: self = bits == 32 ? .float : bits == 64 ? .double : .other("float\(bits)")
    case H5T_STRING: self = .string
    case H5T_COMPOUND: self = .other("compound")
    case H5T_ENUM: self = bits == 8 && Self.isTruth(type) ? .bool : .other("enumeration")
    case H5T_VLEN: self = .other("variable-length sequence")
    case H5T_REFERENCE: self = .other("reference")
    case H5T_OPAQUE: self = .other("opaque")
    default: self = .other("type of an unknown class")
    }
  }

  /// Whether an enumeration has exactly the members FALSE, 0, and TRUE, 1.
  private static func isTruth(_ type: hid_t) -> Bool {
    guard H5Tget_nmembers(type) == 2 else { return false }
    return [(0, "FALSE"), (1, "TRUE")].allSatisfy { value, name in
      var value = UInt8(value)
      var found = [CChar](repeating: 0, count: 16)
      return H5Tenum_nameof(type, &value, &found, found.count - 1) >= 0
        && found.prefix(name.utf8.count + 1).elementsEqual(
          name.utf8CString)
    }
  }
}

/// A Swift number that HDF5 reads and writes directly.
package protocol HDF5Element: BitwiseCopyable, Sendable {
  /// HDF5's identifier of the type in memory.
  static var nativeType: Int64 { get }
}

extension UInt8: HDF5Element { package static var nativeType: Int64 { h5_native_uint8() } }
extension Int32: HDF5Element { package static var nativeType: Int64 { h5_native_int32() } }
extension UInt32: HDF5Element { package static var nativeType: Int64 { h5_native_uint32() } }
extension Int64: HDF5Element { package static var nativeType: Int64 { h5_native_int64() } }
extension Int: HDF5Element { package static var nativeType: Int64 { h5_native_int64() } }
extension Float: HDF5Element { package static var nativeType: Int64 { h5_native_float() } }
extension Double: HDF5Element { package static var nativeType: Int64 { h5_native_double() } }
