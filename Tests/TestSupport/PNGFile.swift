internal import Foundation

/// Writes an image of 8-bit samples as a PNG file, uncompressed: gray with one channel, RGB with three.
package func writePNG(_ samples: [UInt8], height: Int, width: Int, channels: Int, to path: String) throws {
  precondition(samples.count == height * width * channels, "writePNG: \(samples.count) samples")
  func big(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
  func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + bytes
    let checksum = body.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return big(UInt32(bytes.count)) + body + big(~checksum)
  }
  let rows = (0..<height).flatMap { row in
    [0] + samples[row * width * channels..<(row + 1) * width * channels]
  }
  var deflated: [UInt8] = [0x78, 0x01]
  for start in stride(from: 0, to: rows.count, by: 65_535) {
    let part = rows[start..<min(start + 65_535, rows.count)]
    let count = UInt16(part.count)
    deflated += [start + part.count == rows.count ? 1 : 0, UInt8(count & 255), UInt8(count >> 8)]
    deflated += [UInt8(~count & 255), UInt8(~count >> 8)] + part
  }
  let sums = rows.reduce((UInt32(1), UInt32(0))) { sums, byte in
    let first = (sums.0 + UInt32(byte)) % 65_521
    return (first, (sums.1 + first) % 65_521)
  }
  deflated += big(sums.1 << 16 | sums.0)
  let header = big(UInt32(width)) + big(UInt32(height)) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
  let file =
    [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", deflated)
    + chunk("IEND", [])
  try Data(file).write(to: URL(fileURLWithPath: path))
}
