internal import CHDF5

/// Reading and writing. HDF5 converts between the type on disk and Swift's, with rounding and clamping.
extension HDF5Dataset {
  /// Reads all values in row-major order.
  ///
  /// - Throws: `HDF5Error` if they are not numbers or cannot be read.
  package func read<Element: HDF5Element>(as type: Element.Type) throws(HDF5Error) -> [Element] {
    let shape = shape
    return try read(as: type, offset: shape.map { _ in 0 }, count: shape)
  }

  /// Reads rows: a range of the first dimension and all of the others.
  ///
  /// - Throws: `HDF5Error` if the range exceeds the dataset, or its values are not numbers or cannot be read.
  package func read<Element: HDF5Element>(rows: Range<Int>, as type: Element.Type) throws(HDF5Error) -> [Element] {
    let (offset, count) = block(rows)
    return try read(as: type, offset: offset, count: count)
  }

  /// Reads the block of shape `count` that begins at `offset`, in row-major order.
  ///
  /// - Throws: `HDF5Error` if the block exceeds the dataset, or its values are not numbers or cannot be read.
  package func read<Element: HDF5Element>(
    as: Element.Type, offset: [Int], count: [Int]
  ) throws(HDF5Error) -> [Element] {
    let attempt = attempt("read the dataset")
    try requireBlock(offset, count, attempt)
    try requireNumbers(attempt, count: count, of: Element.self)
    var failure: HDF5Error?
    let size = elementCount(of: count) ?? 0
    // The standard library would write the count of its one empty array, which the thread sanitizer takes for a race.
    guard size > 0 else { return [] }
    let values = [Element](unsafeUninitializedCapacity: size) { buffer, initialized in
      do throws(HDF5Error) {
        var span = UnsafeMutableBufferPointer(rebasing: buffer[..<size]).mutableSpan
        try read(into: &span, offset: offset, count: count)
        initialized = size
      } catch { failure = error }
    }
    if let failure { throw failure }
    return values
  }

  /// Reads rows into the caller's memory.
  ///
  /// - Throws: `HDF5Error` as `read(rows:as:)`, and if the memory does not have exactly that number of elements.
  package func read<Element: HDF5Element>(
    rows: Range<Int>, into values: inout MutableSpan<Element>
  ) throws(HDF5Error) {
    let (offset, count) = block(rows)
    try read(into: &values, offset: offset, count: count)
  }

  /// Reads a block into the caller's memory.
  ///
  /// - Throws: `HDF5Error` as `read(as:offset:count:)`, and if the memory does not have exactly that number of elements.
  package func read<Element: HDF5Element>(
    into values: inout MutableSpan<Element>, offset: [Int], count: [Int]
  ) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    try requireNumbers(attempt, count: count, of: Element.self)
    try requireBlock(offset, count, attempt)
    guard values.count == elementCount(of: count) else {
      throw attempt.failure(.unexpected, "the memory has \(values.count) elements, expected those of shape \(count)")
    }
    guard values.count > 0 else { return }
    let space = try select(offset, count, attempt)
    let memory = try dataspace(count, for: attempt)
    let identifier = identifier
    let status = values.withUnsafeMutableBufferPointer {
      H5Dread(identifier, Element.nativeType, memory.id, space.id, h5_default(), $0.baseAddress)
    }
    try attempt.check(status)
  }

  /// Reads rows of values of two bytes as they lie in the file, of a type that HDF5 does not convert.
  ///
  /// - Throws: `HDF5Error` if the range exceeds the dataset, or its values have another size or cannot be read.
  package func readWords(rows: Range<Int>) throws(HDF5Error) -> [UInt16] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    let (offset, count) = shape.isEmpty ? ([], []) : block(rows)
    try requireBlock(offset, count, attempt)
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    guard H5Tget_class(type.id) == H5T_OPAQUE, H5Tget_size(type.id) == 2 else {
      throw attempt.failure(.unexpected, "it holds \(elementType), expected values of two bytes")
    }
    try Guard(attempt: attempt).requireMemory(elementCount(of: count + [2]))
    var words = [UInt16](repeating: 0, count: elementCount(of: count) ?? 0)
    guard !words.isEmpty else { return [] }
    let space = try select(offset, count, attempt)
    let memory = try dataspace(count, for: attempt)
    try attempt.check(H5Dread(identifier, type.id, memory.id, space.id, h5_default(), &words))
    return words
  }

  /// Checks that values were written to all of it: where they were not, libhdf5 makes up zeros.
  ///
  /// - Throws: `HDF5Error` for a dataset without its space in the file, or without some of its chunks.
  package func requireWritten() throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    let shape = shape
    guard !shape.contains(0) else { return }
    if H5Dget_storage_size(identifier) == 0 {
      throw attempt.failure(
        .unreadable, "it was created and its values were never written; write the file again")
    }
    guard case .chunked(let chunk) = layout, chunk.count == shape.count, !chunk.contains(0) else {
      return
    }
    let space = try attempt.own(H5Dget_space(identifier), .dataspace)
    var found: hsize_t = 0
    try attempt.check(H5Dget_num_chunks(identifier, space.id, &found))
    let needed = elementCount(of: zip(shape, chunk).map { ($0 - 1) / $1 + 1 })
    guard needed.map({ Int(clamping: found) >= $0 }) ?? false else {
      throw attempt.failure(
        .unreadable,
        "only \(found) of its \(needed.map { "\($0)" } ?? "over 2⁶³") chunks were ever written; write the file again"
      )
    }
  }

  /// Reads all strings, of fixed or variable length.
  ///
  /// - Throws: `HDF5Error` if the dataset does not hold strings or cannot be read.
  package func readStrings() throws(HDF5Error) -> [String] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    let space = try attempt.own(H5Dget_space(identifier), .dataspace)
    return try StringTransfer(attempt: attempt).read(type: type.id, space: space.id, count: count) {
      [id = identifier] memory, properties, place in
      H5Dread(id, memory, h5_everything(), h5_everything(), properties, place)
    }
  }

  /// Reads all references to objects of the same file, such as the cells of a MATLAB cell array.
  ///
  /// - Throws: `HDF5Error` if the dataset does not hold references, holds more than 1,048,576, or cannot be read.
  package func references() throws(HDF5Error) -> [HDF5Reference] {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("read the dataset")
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    guard H5Tequal(type.id, h5_object_reference()) > 0 else {
      throw attempt.failure(.unexpected, "it holds \(elementType), expected references to objects")
    }
    let count = count
    guard count <= 1 << 20 else { throw attempt.failure(.unreadable, "it declares \(count) references") }
    var addresses = [UInt64](repeating: 0, count: count)
    guard count > 0 else { return [] }
    try attempt.check(
      H5Dread(identifier, h5_object_reference(), h5_everything(), h5_everything(), h5_default(), &addresses))
    return addresses.map(HDF5Reference.init)
  }

  /// Writes all values in row-major order.
  ///
  /// - Throws: `HDF5Error` if their number differs from the dataset's or they cannot be written.
  package func write<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
    let shape = shape
    try write(values, offset: shape.map { _ in 0 }, count: shape)
  }

  /// Writes the block of shape `count` that begins at `offset`.
  ///
  /// - Throws: `HDF5Error` if the block exceeds the dataset or cannot be written.
  package func write<Element: HDF5Element>(_ values: [Element], offset: [Int], count: [Int]) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("write the dataset")
    try requireBlock(offset, count, attempt)
    guard values.count == elementCount(of: count) else {
      throw attempt.failure(.unexpected, "\(values.count) values for a block of shape \(count)")
    }
    if values.isEmpty { return }
    let space = try select(offset, count, attempt)
    let memory = try dataspace(count, for: attempt)
    try attempt.check(H5Dwrite(identifier, Element.nativeType, memory.id, space.id, h5_default(), values))
  }

  /// Grows or shrinks an extensible dataset.
  ///
  /// - Throws: `HDF5Error` if its layout does not allow it.
  package func resize(to shape: [Int]) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let attempt = attempt("resize the dataset")
    guard shape.count == self.shape.count, shape.allSatisfy({ $0 >= 0 }) else {
      throw attempt.failure(.unexpected, "shape \(shape) for a dataset of shape \(self.shape)")
    }
    try attempt.check(H5Dset_extent(identifier, shape.map { hsize_t($0) }))
  }

  /// Appends rows to an extensible dataset.
  ///
  /// - Throws: `HDF5Error` if the values are not whole rows or the dataset cannot grow.
  package func append<Element: HDF5Element>(_ values: [Element]) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    var shape = shape
    let attempt = attempt("append to the dataset")
    guard let rowCount = shape.first else { throw attempt.failure(.unexpected, "it is a scalar") }
    let rowSize = elementCount(of: Array(shape.dropFirst())) ?? 0
    guard rowSize > 0, values.count % rowSize == 0 else {
      throw attempt.failure(.unexpected, "\(values.count) values are not whole rows of shape \(shape.dropFirst())")
    }
    let block = [values.count / rowSize] + shape.dropFirst()
    shape[0] += block[0]
    try resize(to: shape)
    try write(values, offset: [rowCount] + block.dropFirst().map { _ in 0 }, count: block)
  }

  private func block(_ rows: Range<Int>) -> (offset: [Int], count: [Int]) {
    let rest = shape.dropFirst()
    return ([rows.lowerBound] + rest.map { _ in 0 }, [rows.count] + rest)
  }

  /// Checks that its values are plain numbers that fit into memory as these elements.
  ///
  /// - Throws: `HDF5Error` if they are not.
  package func requireNumbers<Element: HDF5Element>(as: Element.Type) throws(HDF5Error) {
    try requireNumbers(attempt("read the dataset"), count: shape, of: Element.self)
  }

  private func requireNumbers<Element: HDF5Element>(
    _ attempt: Attempt, count: [Int], of: Element.Type
  ) throws(HDF5Error) {
    Library.enter()
    defer { Library.leave() }
    let type = try attempt.own(H5Dget_type(identifier), .datatype)
    let guardian = Guard(attempt: attempt)
    try guardian.requireNumber(type.id)
    try guardian.requireMemory(elementCount(of: count + [MemoryLayout<Element>.stride]))
  }

  private func requireBlock(_ offset: [Int], _ count: [Int], _ attempt: Attempt) throws(HDF5Error) {
    let shape = shape
    let fits =
      offset.count == shape.count && count.count == shape.count
      && (0..<shape.count).allSatisfy {
        offset[$0] >= 0 && count[$0] >= 0 && offset[$0] <= shape[$0] && count[$0] <= shape[$0] - offset[$0]
      }
    guard fits else {
      throw attempt.failure(.unexpected, "the block at \(offset) of shape \(count) exceeds its shape \(shape)")
    }
  }

  /// The dataspace on disk with the block selected.
  private func select(_ offset: [Int], _ count: [Int], _ attempt: Attempt) throws(HDF5Error) -> Handle {
    let space = try attempt.own(H5Dget_space(identifier), .dataspace)
    if !count.isEmpty {
      let (start, extents) = (offset.map { hsize_t($0) }, count.map { hsize_t($0) })
      try attempt.check(H5Sselect_hyperslab(space.id, H5S_SELECT_SET, start, nil, extents, nil))
    }
    return space
  }
}
