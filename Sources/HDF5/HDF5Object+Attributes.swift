internal import CHDF5

/// Attributes: small values stored with an object, each of at most 64,512 bytes.
extension HDF5Object where Self: ~Copyable {
  /// The names of all attributes, sorted.
  ///
  /// - Throws: `HDF5Error` if the file is damaged.
  package func attributeNames() throws(HDF5Error) -> [String] {
    Library.enter()
    defer { Library.leave() }
    var names: [String?] = []
    let status = withUnsafeMutablePointer(to: &names) { names in
      H5Aiterate2(
        identifier, H5_INDEX_NAME, H5_ITER_INC, nil,
        { _, name, _, context in
          guard let name, let names = context?.assumingMemoryBound(to: [String?].self) else { return 0 }
          names.pointee.append(String(validatingCString: name))
          return names.pointee.count > 1 << 16 ? -1 : 0
        }, names)
    }
    let attempt = attempt("list the attributes of")
    try attempt.check(status)
    let texts = names.compactMap { $0 }
    guard texts.count == names.count else {
      throw attempt.failure(.unreadable, "the name of one is not UTF-8; rename it")
    }
    return texts.sorted()
  }

  /// Whether there is an attribute of that name.
  package func hasAttribute(_ name: String) -> Bool {
    Library.enter()
    defer { Library.leave() }
    return H5Aexists(identifier, name) > 0
  }

  /// The type of an attribute's elements.
  ///
  /// - Throws: `HDF5Error` if it is missing.
  package func elementType(ofAttribute name: String) throws(HDF5Error) -> ElementType {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the attribute \(name) of")
    let attribute = try openAttribute(name, attempt)
    let type = try attempt.own(H5Aget_type(attribute.id), .datatype)
    return ElementType(of: type.id)
  }

  /// The strings of an attribute, of fixed or variable length; an empty list for an empty array.
  ///
  /// - Throws: `HDF5Error` if it is missing or holds something else.
  package func strings(ofAttribute name: String) throws(HDF5Error) -> [String] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the attribute \(name) of")
    let attribute = try openAttribute(name, attempt)
    let type = try attempt.own(H5Aget_type(attribute.id), .datatype)
    let space = try attempt.own(H5Aget_space(attribute.id), .dataspace)
    return try StringTransfer(attempt: attempt).read(
      type: type.id, space: space.id, count: try count(of: space, attempt)
    ) { [id = attribute.id] memory, _, place in H5Aread(id, memory, place) }
  }

  /// The only string of an attribute.
  ///
  /// - Throws: `HDF5Error` if it is missing or holds something else.
  package func string(ofAttribute name: String) throws(HDF5Error) -> String {
    let strings = try strings(ofAttribute: name)
    guard strings.count == 1 else {
      throw attempt("read the attribute \(name) of").failure(
        .unexpected, "it holds \(strings.count) strings, expected one")
    }
    return strings[0]
  }

  /// The numbers of an attribute in row-major order, converted by HDF5.
  ///
  /// - Throws: `HDF5Error` if it is missing or holds something else.
  package func numbers<Element: HDF5Element>(
    ofAttribute name: String, as: Element.Type
  ) throws(HDF5Error) -> [Element] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the attribute \(name) of")
    let attribute = try openAttribute(name, attempt)
    let type = try attempt.own(H5Aget_type(attribute.id), .datatype)
    try Guard(attempt: attempt).requireNumber(type.id)
    let space = try attempt.own(H5Aget_space(attribute.id), .dataspace)
    let count = try count(of: space, attempt)
    var status: herr_t = 0
    let values = [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 { status = H5Aread(attribute.id, Element.nativeType, buffer.baseAddress!) }
      initialized = status < 0 ? 0 : count
    }
    try attempt.check(status)
    return values
  }

  /// The only number of an attribute.
  ///
  /// - Throws: `HDF5Error` if it is missing or holds something else.
  package func number<Element: HDF5Element>(
    ofAttribute name: String, as type: Element.Type
  ) throws(HDF5Error) -> Element {
    let numbers = try numbers(ofAttribute: name, as: type)
    guard numbers.count == 1 else {
      throw attempt("read the attribute \(name) of").failure(
        .unexpected, "it holds \(numbers.count) numbers, expected one")
    }
    return numbers[0]
  }

  /// Sets an attribute to one string, and replaces its previous value.
  ///
  /// - Throws: `HDF5Error` if the file cannot be written or the string exceeds 64,512 bytes.
  package func setAttribute(_ name: String, to string: String, fixedLength: Bool = false) throws(HDF5Error) {
    try setAttribute(name, to: [string], shape: [], fixedLength: fixedLength)
  }

  /// Sets an attribute to a list of strings, and replaces its previous value.
  ///
  /// - Throws: `HDF5Error` if the file cannot be written or the list exceeds 64,512 bytes.
  package func setAttribute(_ name: String, to strings: [String], fixedLength: Bool = false) throws(HDF5Error) {
    try setAttribute(name, to: strings, shape: [strings.count], fixedLength: fixedLength)
  }

  /// Sets an attribute to one number, and replaces its previous value.
  ///
  /// - Throws: `HDF5Error` if the file cannot be written.
  package func setAttribute<Element: HDF5Element>(_ name: String, to number: Element) throws(HDF5Error) {
    try setAttribute(name, to: [number], shape: [])
  }

  /// Sets an attribute to a list of numbers, and replaces its previous value.
  ///
  /// - Throws: `HDF5Error` if the file cannot be written or the list exceeds 64,512 bytes.
  package func setAttribute<Element: HDF5Element>(_ name: String, to numbers: [Element]) throws(HDF5Error) {
    try setAttribute(name, to: numbers, shape: [numbers.count])
  }

  private func setAttribute(
    _ name: String, to strings: [String], shape: [Int], fixedLength: Bool
  ) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("write the attribute \(name) of")
    let transfer = StringTransfer(attempt: attempt)
    let type = try transfer.fileType(for: strings, fixedLength: fixedLength)
    let attribute = try createAttribute(name, type: type.id, shape: shape, attempt)
    try transfer.write(strings, type: type.id) { [id = attribute.id, type = type.id] in H5Awrite(id, type, $0) }
  }

  private func setAttribute<Element: HDF5Element>(
    _ name: String, to numbers: [Element], shape: [Int]
  ) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("write the attribute \(name) of")
    let attribute = try createAttribute(name, type: Element.nativeType, shape: shape, attempt)
    if numbers.isEmpty { return }
    try attempt.check(H5Awrite(attribute.id, Element.nativeType, numbers))
  }

  private func createAttribute(
    _ name: String, type: hid_t, shape: [Int], _ attempt: Attempt
  ) throws(HDF5Error) -> Handle {
    if H5Aexists(identifier, name) > 0 { try attempt.check(H5Adelete(identifier, name)) }
    let space = try dataspace(shape, for: attempt)
    return try attempt.own(H5Acreate2(identifier, name, type, space.id, h5_default(), h5_default()), .attribute)
  }

  private func openAttribute(_ name: String, _ attempt: Attempt) throws(HDF5Error) -> Handle {
    guard H5Aexists(identifier, name) > 0 else { throw attempt.failure(.missing, "there is no such attribute") }
    return try attempt.own(H5Aopen(identifier, name, h5_default()), .attribute)
  }

  private func count(of space: borrowing Handle, _ attempt: Attempt) throws(HDF5Error) -> Int {
    guard let shape = shape(ofSpace: space.id) else { return 0 }
    // Attributes are small; a larger one is damaged or hostile.
    guard let count = elementCount(of: shape), count <= 1 << 20 else {
      throw attempt.failure(.unreadable, "its declared shape \(shape) is too large for an attribute")
    }
    return count
  }
}
