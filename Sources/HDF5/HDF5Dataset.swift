internal import CHDF5

/// An open dataset: an array of numbers or strings on disk.
package struct HDF5Dataset: HDF5Object, ~Copyable, Sendable {
  private let handle: Handle
  /// Path of the file on disk.
  package let filePath: String
  /// Path in the file, beginning with `/`.
  package let path: String
  /// HDF5's identifier; closed with this value.
  package var identifier: Int64 { handle.id }

  /// A storage layout: in the header, in one piece, or in chunks of a shape.
  package enum Layout: Sendable, Equatable { case compact, contiguous, chunked([Int]) }

  init(_ handle: consuming Handle, filePath: String, path: String) {
    self.handle = handle
    self.filePath = filePath
    self.path = path
  }

  /// The current extent of each dimension; `[]` for a scalar, `[0]` for an empty (null) dataset.
  package var shape: [Int] {
    Library.enter()
    defer { Library.leave() }
    let space = Handle(owning: H5Dget_space(identifier), .dataspace)
    return HDF5.shape(ofSpace: space.id) ?? [0]
  }

  /// The number of elements: the product of `shape`.
  package var count: Int { elementCount(of: shape) ?? Int.max }

  /// The type of its elements on disk.
  package var elementType: ElementType {
    Library.enter()
    defer { Library.leave() }
    let type = Handle(owning: H5Dget_type(identifier), .datatype)
    let found = ElementType(of: type.id)
    return found == .other("opaque") && isTaggedBFloat16(type.id) ? .other("bfloat16") : found
  }

  /// Whether two bytes that HDF5 knows nothing of are a bfloat16: by the tag of their type, or by the attribute `dtype` of
  /// Keras 3.
  private func isTaggedBFloat16(_ type: hid_t) -> Bool {
    guard H5Tget_size(type) == 2 else { return false }
    if let tag = H5Tget_tag(type) {
      defer { H5free_memory(tag) }
      if String(cString: tag).contains("bfloat16") { return true }
    }
    return hasAttribute("dtype") && (try? string(ofAttribute: "dtype")) == "bfloat16"
  }

  /// Whether its elements on disk have exactly this type, byte order included.
  package func isStored<Element: HDF5Element>(as: Element.Type) -> Bool {
    Library.enter()
    defer { Library.leave() }
    let type = Handle(owning: H5Dget_type(identifier), .datatype)
    return H5Tequal(type.id, Element.nativeType) > 0
  }

  /// The storage layout of its values.
  package var layout: Layout {
    Library.enter()
    defer { Library.leave() }
    let properties = Handle(owning: H5Dget_create_plist(identifier), .propertyList)
    switch H5Pget_layout(properties.id) {
    case H5D_CHUNKED:
      var chunk = [hsize_t](repeating: 0, count: 32)
      let rank = H5Pget_chunk(properties.id, 32, &chunk)
      return .chunked(chunk.prefix(Int(max(rank, 0))).map { Int(clamping: $0) })
    case H5D_COMPACT: return .compact
    default: return .contiguous
    }
  }

  /// The names of the filters of its chunks, in order, such as `shuffle`, `deflate`.
  package var filters: [String] {
    Library.enter()
    defer { Library.leave() }
    let properties = Handle(owning: H5Dget_create_plist(identifier), .propertyList)
    let count = max(0, H5Pget_nfilters(properties.id))
    return (0..<UInt32(count)).map { [id = properties.id] position in
      var flags: UInt32 = 0
      var valueCount = 0
      var configuration: UInt32 = 0
      var name = [CChar](repeating: 0, count: 64)
      H5Pget_filter2(id, position, &flags, &valueCount, nil, name.count - 1, &name, &configuration)
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// The offset of its values in the file, in bytes; `nil` unless they are contiguous and allocated.
  package var offset: Int? {
    Library.enter()
    defer { Library.leave() }
    let address = H5Dget_offset(identifier)
    return address == h5_no_address() ? nil : Int(clamping: address)
  }
}
