internal import Support

/// A file to import from, gzip or plain, whose bytes are read here and there; gzip is inflated to the disk first.
final class SourceFile: Sendable {
  private let file: RawFile
  let path: String
  /// Bytes in it, inflated.
  let size: Int

  /// Opens a file.
  /// - Throws: `FileError` if it is missing, a folder, unreadable or damaged gzip, or if the disk is full.
  init(_ path: String, in workplace: ImportWorkplace) throws(FileError) {
    try FileNature.requireContent(path, expected: "images, labels or numbers")
    let file = try RawFile(reading: path)
    if try FileBytes.isGzip(file) {
      // The name goes away at once, the bytes with the last one who has the file open.
      let temporary = try AtomicFile(replacing: workplace.output)
      try FileBytes.inflate(file, limit: FileBytes.inflationLimit) { piece throws(FileError) in
        try workplace.check()
        try temporary.file.append(piece.span)
      }
      self.file = try RawFile(reading: temporary.temporaryPath)
    } else {
      self.file = file
    }
    self.path = path
    size = self.file.size
  }

  /// A file of other bytes than the source's, which is gone from the disk already.
  private init(_ file: consuming RawFile, standingFor path: String) {
    size = file.size
    self.file = file
    self.path = path
  }

  /// This text in UTF-8, converted to the disk.
  /// - Parameter start: the offset of the first byte that is text.
  /// - Throws: `FileError` for an unknown encoding, bytes that are no text in it, or if the disk is full.
  func converted(
    from encoding: String, startingAt start: Int, in workplace: ImportWorkplace
  ) throws(FileError) -> SourceFile {
    var converter = try TextDecoding.converter(from: encoding, path: path)
    let temporary = try AtomicFile(replacing: workplace.output)
    var lines = 1
    func refusal(_ failure: TextConverter.Failure) -> FileError {
      TextDecoding.refusal(
        of: failure.byte, in: encoding, line: lines, path: path,
        action: "name the encoding that it was saved in with --encoding")
    }
    try scan(from: start) { piece throws(FileError) in
      try workplace.check()
      let text: [UInt8]
      do throws(TextConverter.Failure) { text = try converter.convert(piece[...]) } catch { throw refusal(error) }
      lines += text.count { $0 == UInt8(ascii: "\n") }
      try temporary.file.append(text.span)
      return true
    }
    let rest: [UInt8]
    do throws(TextConverter.Failure) { rest = try converter.finish() } catch { throw refusal(error) }
    try temporary.file.append(rest.span)
    return SourceFile(try RawFile(reading: temporary.temporaryPath), standingFor: path)
  }

  /// Bytes from an offset on.
  /// - Throws: `FileError` where they cannot be read.
  func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    try file.read(count, of: UInt8.self, at: offset)
  }

  /// Bytes in pieces of at most 1 MiB, from an offset on to the end; `body` returns whether to continue.
  func scan(from start: Int = 0, _ body: ([UInt8]) throws(FileError) -> Bool) throws(FileError) {
    var offset = start
    while offset < size {
      let piece = try bytes(min(1 << 20, size - offset), at: offset)
      guard try body(piece) else { return }
      offset += piece.count
    }
  }
}

/// The context of opening a source: a place for inflated files, and whether to stop.
struct ImportWorkplace {
  /// The file that is being made; temporary ones lie beside it.
  let output: String
  let shouldStop: () -> Bool

  /// - Throws: `FileError` of the kind `interrupted` if a stop was requested.
  func check() throws(FileError) {
    guard !shouldStop() else {
      throw FileError(
        what: "stopped as requested; nothing was written", path: output, action: "repeat the command to start over",
        kind: .interrupted)
    }
  }
}
