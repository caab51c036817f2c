internal import Foundation

/// Writes an image of 8-bit samples as a PNG file, uncompressed: gray with one channel, RGB with three.
package func writePNG(_ samples: [UInt8], height: Int, width: Int, channels: Int, to path: String) throws {
  precondition(samples.count == height * width * channels, "writePNG: \(samples.count) samples")
  func big(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
  func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + bytes
    var checksum = UInt32.max
    for byte in body {
      checksum ^= UInt32(byte)
      for _ in 0..<8 {
        let half = checksum >> 1
        checksum = checksum & 1 == 1 ? half ^ 0xEDB8_8320 : half
      }
    }
    return big(UInt32(bytes.count)) + body + big(~checksum)
  }
  var rows: [UInt8] = []
  let stride = width * channels
  for row in 0..<height {
    rows.append(0)
    rows += samples[row * stride..<(row + 1) * stride]
  }
  var deflated: [UInt8] = [0x78, 0x01]
  for start in Swift.stride(from: 0, to: rows.count, by: 65_535) {
    let part = rows[start..<min(start + 65_535, rows.count)]
    let count = UInt16(part.count)
    let isLast: UInt8 = start + part.count == rows.count ? 1 : 0
    deflated += [isLast, UInt8(count & 255), UInt8(count >> 8)]
    deflated += [UInt8(~count & 255), UInt8(~count >> 8)]
    deflated += part
  }
  let sums = rows.reduce((UInt32(1), UInt32(0))) { sums, byte in
    let first = (sums.0 + UInt32(byte)) % 65_521
    return (first, (sums.1 + first) % 65_521)
  }
  deflated += big(sums.1 << 16 | sums.0)
  let color: UInt8 = channels == 1 ? 0 : 2
  let header: [UInt8] = big(UInt32(width)) + big(UInt32(height)) + [8, color, 0, 0, 0]
  var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  file += chunk("IHDR", header)
  file += chunk("IDAT", deflated)
  file += chunk("IEND", [])
  try Data(file).write(to: URL(fileURLWithPath: path))
}
