/// A file to import from, gzip or plain, whose bytes are read here and there; gzip is inflated to the disk first.
final class SourceFile: Sendable {
  private let file: ByteFile
  let path: String
  /// Bytes in it, inflated.
  let size: Int

  /// Opens a file.
  /// - Throws: `StorageError` if it is missing, a folder, unreadable or damaged gzip, or if the disk is full.
  init(_ path: String, in workplace: ImportWorkplace) throws(StorageError) {
    let file = try ByteFile(reading: path)
    if try FileBytes.isGzip(file) {
      // The name goes away at once, the bytes with the last one who has the file open.
      let temporary = try TemporaryFile(for: workplace.output)
      let copy = try ByteFile(writing: temporary.path, for: workplace.output)
      try FileBytes.inflate(file, limit: FileBytes.inflationLimit) { piece throws(StorageError) in
        try workplace.check()
        try copy.append(Array(piece))
      }
      self.file = try ByteFile(reading: temporary.path)
    } else {
      self.file = file
    }
    self.path = path
    size = self.file.size
  }

  /// Bytes from an offset on.
  /// - Throws: `StorageError` where they cannot be read.
  func bytes(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8] {
    try file.read(count, of: UInt8.self, at: offset)
  }

  /// Bytes in pieces of at most 1 MiB, from an offset on to the end; `body` tells whether to go on.
  func scan(from start: Int = 0, _ body: ([UInt8]) throws(StorageError) -> Bool) throws(StorageError) {
    var offset = start
    while offset < size {
      let piece = try bytes(min(1 << 20, size - offset), at: offset)
      guard try body(piece) else { return }
      offset += piece.count
    }
  }
}

/// What opening a source needs: a place for what is inflated, and whether to go on.
struct ImportWorkplace {
  /// The file that is being made; temporary ones lie beside it.
  let output: String
  let shouldStop: () -> Bool

  /// - Throws: `StorageError` of the kind `interrupted` if it is to stop.
  func check() throws(StorageError) {
    guard !shouldStop() else {
      throw StorageError(
        what: "stopped as asked; nothing was written", path: output, action: "the same command begins again",
        kind: .interrupted)
    }
  }
}
