import Foundation
package import Support

/// A log of feature maps for a dataset: a file that grows map by map and survives a kill at any moment.
///
/// A line of text that identifies the maps, then for each map height, width and the CRC-32 of its values (four bytes
/// each, little-endian) and the values. An incomplete map at the end is cut off when the log is reopened.
package final class FeatureMapLog {
  /// The path of the log.
  package let path: String
  private let channels: Int
  private let handle: FileHandle
  /// The offset of each complete map.
  private var entries: [(offset: UInt64, height: Int, width: Int)] = []
  private var end: UInt64

  /// The number of complete maps.
  package var count: Int { entries.count }

  /// Opens the log, or begins one.
  ///
  /// - Throws: `FileError` if it cannot be read or written, or was started for other maps.
  package init(path: String, header: String, channels: Int) throws(FileError) {
    precondition(!header.contains("\n"), "FeatureMapLog: a header of several lines")
    self.path = path
    self.channels = channels
    let line = Data((header + "\n").utf8)
    if !FileManager.default.fileExists(atPath: path) {
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw FileError(
          what: "cannot be written", path: path, action: "check that its folder exists and is writable", kind: .system)
      }
    }
    do {
      handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      let size = try handle.seekToEnd()
      if size < line.count {
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: line)
        end = UInt64(line.count)
        return
      }
      try handle.seek(toOffset: 0)
      guard try handle.read(upToCount: line.count) == line else {
        throw FileError(
          what: "it was started for other feature maps", path: path,
          expected: "the same backbone, weights, images and preparation", action: "remove it to start over")
      }
      end = UInt64(line.count)
      while let entry = try Self.entry(handle, at: end, channels: channels, size: size) {
        entries.append((end, entry.height, entry.width))
        // After a power loss the content may be anything.
        guard (try? map(at: entries.count - 1)) != nil else {
          entries.removeLast()
          break
        }
        end = entry.end
      }
      try handle.truncate(atOffset: end)
    } catch {
      throw Self.failure(error, path)
    }
  }

  deinit { try? handle.close() }

  /// Adds a map `[height, width, channels]`.
  package func append(_ values: [Float], height: Int, width: Int) throws(FileError) {
    precondition(values.count == height * width * channels, "FeatureMapLog: \(values.count) values")
    let head = [UInt32(height), UInt32(width), CRC32(of: values).value]
    let data = Data(head.rawBytes + values.rawBytes)
    do {
      try handle.seek(toOffset: end)
      try handle.write(contentsOf: data)
    } catch { throw Self.failure(error, path) }
    entries.append((end, height, width))
    end += UInt64(data.count)
  }

  /// Truncates the log to its first maps.
  package func cut(to count: Int) throws(FileError) {
    guard count < entries.count else { return }
    end = entries[count].offset
    entries.removeLast(entries.count - count)
    do { try handle.truncate(atOffset: end) } catch { throw Self.failure(error, path) }
  }

  /// Returns once everything is on the disk.
  package func flush() throws(FileError) {
    do { try handle.synchronize() } catch { throw Self.failure(error, path) }
  }

  /// A map.
  ///
  /// - Throws: `FileError` if it cannot be read or its values are not those that were written.
  package func map(at index: Int) throws(FileError) -> (values: [Float], height: Int, width: Int) {
    let (offset, height, width) = entries[index]
    let count = height * width * channels
    let data: Data
    do {
      try handle.seek(toOffset: offset)
      data = try handle.read(upToCount: 12 + 4 * count) ?? Data()
    } catch { throw Self.failure(error, path) }
    guard data.count == 12 + 4 * count else { throw Self.damage(index, path) }
    let values = [Float](rawBytes: [UInt8](data.dropFirst(12)))
    guard Self.number(data, at: 8) == CRC32(of: values).value else { throw Self.damage(index, path) }
    return (values, height, width)
  }

  /// Removes the file; the log is not used after it.
  package func remove() { try? FileManager.default.removeItem(atPath: path) }

  private static func entry(
    _ handle: FileHandle, at offset: UInt64, channels: Int, size: UInt64
  ) throws -> (height: Int, width: Int, end: UInt64)? {
    guard offset + 12 <= size else { return nil }
    try handle.seek(toOffset: offset)
    guard let head = try handle.read(upToCount: 12), head.count == 12 else { return nil }
    let (height, width) = (Int(number(head, at: 0)), Int(number(head, at: 4)))
    // Extents below 2^16 keep the product within 64 bits.
    guard height < 1 << 16, width < 1 << 16 else { return nil }
    let end = offset + 12 + UInt64(4 * height * width * channels)
    return end <= size ? (height, width, end) : nil
  }

  private static func number(_ data: Data, at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(data[data.startIndex + offset + $1]) << UInt32(8 * $1) }
  }

  private static func damage(_ index: Int, _ path: String) -> FileError {
    FileError(what: "map \(index) is damaged", path: path, action: "remove the file to start over")
  }

  private static func failure(_ error: any Error, _ path: String) -> FileError {
    (error as? FileError)
      ?? FileError(
        what: "cannot be read or written (\((error as NSError).localizedDescription))", path: path,
        action: "check its folder and the space that is left", kind: .system)
  }
}
