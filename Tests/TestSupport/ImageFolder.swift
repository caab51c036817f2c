internal import Foundation

/// Writes a folder of two classes, each of 20 gray images of 28 × 28 pixels.
///
/// - Parameter first: the number of the first image; images of different numbers differ.
package func writeImageFolder(_ path: String, first: Int) throws {
  for (label, name) in ["cat", "dog"].enumerated() {
    try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    for index in 0..<20 {
      let number = first + label * 100 + index
      var samples = (0..<784).map { UInt8(($0 * (7 + label) + number * 13) % 256) }
      (samples[0], samples[1]) = (UInt8(number % 256), UInt8(number / 256))
      try writePNG(samples, height: 28, width: 28, channels: 1, to: "\(path)/\(name)/\(index).png")
    }
  }
}
