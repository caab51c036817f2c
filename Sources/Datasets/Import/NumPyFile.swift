internal import Serialization
internal import Support

/// NumPy's files: .npy of one array, .npz of several, and pickles of dictionaries and lists of arrays.
enum NumPyFile {
  /// The array at `FILE` or `FILE:NAME`; a list of whole numbers counts as one.
  ///
  /// It is read in place where its elements follow each other, and put in order on the disk otherwise.
  /// - Throws: `FileError` for a file or array that is missing, damaged or of another kind, or if the disk is full.
  static func array(at text: String, in workplace: ImportWorkplace) throws(FileError) -> NumericArray {
    let path = ArrayPath(text)
    return try array(path, of: open(path, in: workplace), in: workplace)
  }

  /// The labels at `FILE` or `FILE:NAME`: numbers, or an array or list of texts.
  /// - Throws: `FileError` as for an array, and for texts of several axes.
  static func labels(at text: String, in workplace: ImportWorkplace) throws(FileError) -> LabelValues {
    let path = ArrayPath(text)
    let file = try open(path, in: workplace)
    guard let texts = file.text(path.name) else { return try LabelValues(of: array(path, of: file, in: workplace)) }
    guard texts.shape.count(where: { $0 != 1 }) <= 1 else {
      throw FileError(what: "texts of shape \(texts.shape)", path: text, expected: "[N]", action: "give the labels")
    }
    return LabelValues(texts: try texts.texts(path: text), path: text)
  }

  private static func open(_ path: ArrayPath, in workplace: ImportWorkplace) throws(FileError) -> ArrayFile {
    try FileNature(of: path.file) == .gzip
      ? ArrayFile(reading: SourceFile(path.file, in: workplace), takesLabels: true)
      : ArrayFile(opening: path.file, takesLabels: true)
  }

  private static func array(
    _ path: ArrayPath, of file: ArrayFile, in workplace: ImportWorkplace
  ) throws(FileError) -> NumericArray {
    let array = try file.entry(path.name, path: path.file).array
    let entry = (array.source as? ZipEntrySource)?.entry
    guard array.isContiguous || array.isFortran, entry?.isStored != false else {
      return try ordered(array, in: workplace)
    }
    let isColumnMajor = !array.isContiguous
    return try NumericArray(
      shape: isColumnMajor ? array.shape.reversed() : array.shape, element: array.type, isBigEndian: array.isBigEndian,
      isColumnMajor: isColumnMajor, file: array.source, start: array.offset,
      end: array.offset + array.count * array.type.size)
  }

  /// A copy of an array on the disk in C order.
  private static func ordered(
    _ array: StoredArray, in workplace: ImportWorkplace
  ) throws(FileError) -> NumericArray {
    // The name goes away at once, the bytes with the last one who has the file open.
    let temporary = try AtomicFile(replacing: workplace.output)
    for start in stride(from: 0, to: array.count, by: 1 << 20) {
      try workplace.check()
      let bytes = try array.bytes(in: start..<min(array.count, start + 1 << 20))
      try temporary.file.append(bytes.span)
    }
    let file = try FileSource(opening: temporary.temporaryPath, named: array.source.path)
    return try NumericArray(shape: array.shape, element: array.type, file: file, start: 0, end: file.size)
  }
}

extension SourceFile: ByteSource {}
