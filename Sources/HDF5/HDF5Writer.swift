package import Support

/// Writes a file of Float datasets atomically, even when the disk is full.
///
/// libhdf5 1.10 crashes on a full disk, so it must never meet one. Groups and attributes are created in memory. Space for
/// the whole file is reserved in a file beside the target. libhdf5 lays the datasets out in it, and the values are written
/// directly to their offsets. Then the file is flushed, read back, sealed (see `Seal`), flushed and renamed to the target.
package enum HDF5Writer {
  /// A dataset to write.
  package struct Values {
    /// Takes values in row-major order.
    package typealias Body = (Span<Float>) throws(FileError) -> Void
    /// Its path in the file.
    package let path: String
    let shape: [Int]
    let withValues: (Body) throws(FileError) -> Void

    /// A dataset of a shape.
    ///
    /// - Parameters:
    ///   - path: its path in the file; missing groups are created.
    ///   - withValues: hands the values to its argument in row-major order, at once or in parts.
    package init(path: String, shape: [Int], withValues: @escaping (Body) throws(FileError) -> Void) {
      self.path = path
      self.shape = shape
      self.withValues = withValues
    }

    var byteCount: Int { elementCount(of: shape + [MemoryLayout<Float>.size]) ?? Int.max / 4 }
  }

  /// Writes the file at `path`; an existing file is replaced only at the end.
  ///
  /// - Parameters:
  ///   - values: the datasets, in the order of their offsets in the file.
  ///   - beforeRenaming: called when the new file is complete and the previous one still exists.
  ///   - structure: creates groups and attributes; must not keep open objects.
  /// - Throws: `FileError` if the disk is full or the file cannot be written; the previous file is then unchanged.
  package static func write(
    to path: String, values: [Values], beforeRenaming: () -> Void = {},
    structure: (borrowing HDF5File) throws(HDF5Error) -> Void
  ) throws(FileError) {
    let image = try withFileErrors { () throws(HDF5Error) -> [UInt8] in try Self.image(for: path, structure) }
    // An upper bound of libhdf5's overhead per dataset: a header, the tables of its groups, names (in heaps that double).
    let structureSize = image.count + 65536 + values.reduce(0) { $0 + 8192 + 8 * $1.path.utf8.count }
    let size = values.reduce(structureSize) { $0.addingReportingOverflow($1.byteCount).partialValue }
    // Leftovers of killed saves are removed first: they may take the space.
    let target = try AtomicFile(replacing: path)
    try FileSystem.requireSpace(size, beside: path)
    crashPoint("file.created")
    try target.file.write(image.span, at: 0)
    crashPoint("file.begun")
    try target.file.reserve(size)
    crashPoint("file.reserved")
    let temporaryPath = target.temporaryPath
    let offsets = try withFileErrors { () throws(HDF5Error) -> [Int?] in try layOut(values, in: temporaryPath) }
    crashPoint("file.laid-out")
    var parts: [Seal.Part] = []
    for (values, offset) in zip(values, offsets) {
      guard let offset else { continue }
      parts.append(try write(values, at: offset, of: target.file))
      crashPoint("file.values")
    }
    try Seal.put(on: target.file, verifying: parts.sorted { $0.offset < $1.offset })
    crashPoint("file.sealed")
    try target.putInPlace(beforeRenaming: beforeRenaming)
  }

  /// Writes the values of a dataset at their offset.
  private static func write(
    _ values: Values, at offset: Int, of file: borrowing RawFile
  ) throws(FileError) -> Seal.Part {
    var done = 0
    var checksum = CRC32()
    try values.withValues { part throws(FileError) in
      let bytes = part.bytes.byteCount
      // Never beyond the dataset's space.
      if done + bytes <= values.byteCount { try file.write(part, at: offset + done) }
      checksum.add(part)
      done += bytes
    }
    guard done == values.byteCount else {
      throw FileError(
        what: "cannot be written: \(done) bytes for \(values.path) of shape \(values.shape)", path: file.path)
    }
    return Seal.Part(offset: offset, count: done, checksum: checksum.value)
  }

  /// The bytes of a file with the structure and no datasets.
  private static func image(
    for path: String, _ structure: (borrowing HDF5File) throws(HDF5Error) -> Void
  ) throws(HDF5Error) -> [UInt8] {
    let file = try HDF5File(inMemoryFor: path)
    try structure(file)
    let image = try file.image()
    try file.close()
    return image
  }

  /// Lets libhdf5 lay out the datasets in the reserved file; `nil` for one without values.
  private static func layOut(_ values: [Values], in path: String) throws(HDF5Error) -> [Int?] {
    let file = try HDF5File(opening: path, .readWrite)
    var offsets: [Int?] = []
    for dataset in values {
      let placed = try file.reserveDataset(dataset.path, shape: dataset.shape)
      offsets.append(dataset.byteCount == 0 ? nil : placed.offset)
    }
    try file.close()
    return offsets
  }
}
