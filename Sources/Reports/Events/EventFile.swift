internal import Foundation
internal import Support
package import Training

/// A run's metrics as TensorBoard reads them: an event file of scalars.
///
/// Records as TFRecord: length, its masked CRC-32C, an `Event` message, its masked CRC-32C.
package struct EventFile {
  /// The file's content.
  package private(set) var bytes: [UInt8] = []

  /// One event for each record, with its finite values by name.
  package init(_ records: [MetricsRecord]) {
    add(Self.double(1, 0) + Self.text(3, "brain.Event:2"))
    for record in records {
      var summary: [UInt8] = []
      for (name, value) in record.values.sorted(by: { $0.key < $1.key }) where value.isFinite {
        let scalar = Self.text(1, name) + [0x15] + Self.littleEndian(Float(value).bitPattern)
        summary += Self.message(1, scalar)
      }
      // Steps replace the wall time, so that equal runs give equal files.
      add(Self.double(1, Double(record.step)) + [0x10] + Self.variable(UInt64(record.step)) + Self.message(5, summary))
    }
  }

  /// Writes the file into its own directory, as TensorBoard expects.
  package func write(into directory: RunDirectory) throws {
    try directory.createDirectory()
    try TextFile.write(bytes, to: directory.file("events.out.tfevents.0.bulkhead"))
  }

  private mutating func add(_ event: [UInt8]) {
    let length = Self.littleEndian(UInt64(event.count))
    bytes += length + Self.littleEndian(Self.maskedChecksum(length))
    bytes += event + Self.littleEndian(Self.maskedChecksum(event))
  }

  // MARK: Protocol buffers

  private static func variable(_ value: UInt64) -> [UInt8] {
    var (bytes, rest): ([UInt8], UInt64) = ([], value)
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func message(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
    [field << 3 | 2] + variable(UInt64(content.count)) + content
  }

  private static func text(_ field: UInt8, _ text: String) -> [UInt8] { message(field, Array(text.utf8)) }

  private static func double(_ field: UInt8, _ value: Double) -> [UInt8] {
    [field << 3 | 1] + littleEndian(value.bitPattern)
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  // MARK: CRC-32C

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  /// CRC-32C (Castagnoli).
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }

  private static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    let checksum = checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
  }
}
