/// A run's metrics as TensorBoard reads them: an event file of scalars.
///
/// Records as TFRecord: length, its masked CRC-32C, an `Event` message, its masked CRC-32C.
package enum EventFile {
  /// The name of a run's event file in its directory, by which TensorBoard finds it.
  package static let name = "events.out.tfevents.0.bulkhead"

  /// The bytes that a file begins with.
  package static let header = record(double(1, 0) + text(3, "brain.Event:2"))

  /// The bytes of an event with the finite values of a step, by name.
  ///
  /// The step replaces the wall time, so that equal runs give equal files.
  package static func event(step: Int, values: [String: Double]) -> [UInt8] {
    var summary: [UInt8] = []
    for (name, value) in values.sorted(by: { $0.key < $1.key }) where value.isFinite {
      let scalar = text(1, name) + [0x15] + littleEndian(Float(value).bitPattern)
      summary += message(1, scalar)
    }
    return record(double(1, Double(step)) + [0x10] + variable(UInt64(step)) + message(5, summary))
  }

  private static func record(_ event: [UInt8]) -> [UInt8] {
    let length = littleEndian(UInt64(event.count))
    return length + littleEndian(maskedChecksum(length)) + event + littleEndian(maskedChecksum(event))
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
