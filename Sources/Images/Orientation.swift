import Tensors

/// The orientation of stored rows and columns in the upright image (EXIF 2.3, tag 0x0112).
enum Orientation: Int {
  case upright = 1
  case mirrored, upsideDown, flipped, transposed, turnedRight, transversed, turnedLeft

  /// The orientation in a JPEG file's first EXIF segment; `upright` if it has none that is valid.
  init(ofJPEG bytes: [UInt8]) {
    self = JPEGSegments.exif(in: bytes).flatMap(Self.init(ofEXIF:)) ?? .upright
  }

  /// The orientation that EXIF data state in their first directory; every offset is checked. `nil` if none is valid.
  init?(ofEXIF data: ArraySlice<UInt8>) {
    let marker = Array("Exif\0\0".utf8)
    guard let stated = Self.stated(inTIFF: data.starts(with: marker) ? data.dropFirst(marker.count) : data) else {
      return nil
    }
    self = stated
  }

  /// The extent of the upright image of a stored one, or the reverse.
  func upright(_ extent: Extent) -> Extent {
    rawValue >= Self.transposed.rawValue ? Extent(height: extent.width, width: extent.height) : extent
  }

  private static func stated(inTIFF tiff: ArraySlice<UInt8>) -> Orientation? {
    let isLittle: Bool
    if tiff.starts(with: [0x49, 0x49, 0x2A, 0]) {
      isLittle = true
    } else if tiff.starts(with: [0x4D, 0x4D, 0, 0x2A]) {
      isLittle = false
    } else {
      return nil
    }
    func number(_ position: Int, _ count: Int) -> Int? {
      guard position >= 0, position + count <= tiff.count else { return nil }
      let digits = tiff[tiff.startIndex + position..<tiff.startIndex + position + count]
      return (isLittle ? Array(digits.reversed()) : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(place, 2), let type = number(place + 2, 2), let values = number(place + 4, 4) else {
        break
      }
      // Type 3 is a 16-bit number, which is stored in the entry itself.
      if tag == 0x0112 { return type == 3 && values == 1 ? number(place + 8, 2).flatMap(Orientation.init) : nil }
    }
    return nil
  }
}

/// The segments of a JPEG file before its pixels.
private enum JPEGSegments {
  /// The content after "Exif" of the first EXIF segment.
  static func exif(in bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      if marker == 0xFF {
        position += 1
        continue
      }
      // Pixels begin, or the file ends.
      if marker == 0xDA || marker == 0xD9 { return nil }
      let end = position + 2 + Int(bytes[position + 2]) << 8 + Int(bytes[position + 3])
      guard end <= bytes.count, end >= position + 4 else { return nil }
      let content = bytes[position + 4..<end]
      if marker == 0xE1, content.starts(with: Array("Exif\0\0".utf8)) { return content.dropFirst(6) }
      position = end
    }
    return nil
  }
}

extension Image {
  /// The image mirrored horizontally (left and right swapped).
  package func mirrored() -> Image { upright(from: .mirrored) }

  /// The upright image of one that is stored in an orientation.
  func upright(from orientation: Orientation) -> Image {
    if orientation == .upright { return self }
    let last = height * width - 1
    // The stored pixel that is the upright image's first, and the steps to the upright image's next row and column.
    let (start, row, column) =
      switch orientation {
      case .upright: (0, width, 1)
      case .mirrored: (width - 1, width, -1)
      case .upsideDown: (last, -width, -1)
      case .flipped: (last - width + 1, -width, 1)
      case .transposed: (0, 1, width)
      case .turnedRight: (last - width + 1, 1, -width)
      case .transversed: (last, -1, -width)
      case .turnedLeft: (width - 1, -1, width)
      }
    let upright = orientation.upright(extent)
    let (newHeight, newWidth) = (upright.height, upright.width)
    let (pixels, channels) = (pixels, channels)
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, initialized in
      pixels.withUnsafeBufferPointer { source in
        var position = 0
        for y in 0..<newHeight {
          for x in 0..<newWidth {
            let from = (start + y * row + x * column) * channels
            for channel in 0..<channels {
              target.initializeElement(at: position, to: source[from + channel])
              position += 1
            }
          }
        }
      }
      initialized = pixels.count
    }
    return Image(height: newHeight, width: newWidth, channels: channels, pixels: turned)
  }
}
