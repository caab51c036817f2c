import CImages

/// How the samples of a TIFF file become gray or color.
enum TIFFColors {
  case blackIsZero, whiteIsZero, palette, rgb, cmyk, lumaAndChroma

  /// `nil` for color spaces, depths and numbers of samples that are not read.
  init?(_ header: images_tiff_header) {
    let colors: Int
    switch header.photometric {
    case 0: (self, colors) = (.whiteIsZero, 1)
    case 1: (self, colors) = (.blackIsZero, 1)
    case 2: (self, colors) = (.rgb, 3)
    case 3 where header.bits <= 8: (self, colors) = (.palette, 1)
    case 5 where header.ink_set == 1 && header.bits >= 8: (self, colors) = (.cmyk, 4)
    case 6 where header.bits == 8: (self, colors) = (.lumaAndChroma, 3)
    default: return nil
    }
    guard Int(header.samples) == colors || Int(header.samples) == colors + 1 && self != .lumaAndChroma else {
      return nil
    }
  }

  var isGray: Bool { self == .blackIsZero || self == .whiteIsZero }

  private var colorSamples: Int {
    switch self {
    case .blackIsZero, .whiteIsZero, .palette: 1
    case .rgb, .lumaAndChroma: 3
    case .cmyk: 4
    }
  }

  /// Gray or color of samples `[height, width, samples]`.
  func pixels(of samples: [UInt8], _ header: images_tiff_header) -> [UInt8] {
    let stored = Int(header.samples)
    let count = samples.count / stored
    let factor = header.bits >= 8 ? 1 : UInt8(255 / (1 << header.bits - 1))
    // Alpha that was multiplied into the colors is divided out again.
    let isMultiplied = header.extra_kind == 1 && stored > colorSamples && self == .rgb
    let palette = self == .palette ? withUnsafeBytes(of: header.palette) { Array($0) } : []
    let channels = isGray ? 1 : 3
    return [UInt8](unsafeUninitializedCapacity: count * channels) { buffer, initialized in
      for i in 0..<count {
        let place = i * stored
        let target = i * channels
        switch self {
        case .blackIsZero: buffer.initializeElement(at: i, to: samples[place] * factor)
        case .whiteIsZero: buffer.initializeElement(at: i, to: 255 - samples[place] * factor)
        case .palette:
          for c in 0..<3 { buffer.initializeElement(at: target + c, to: palette[3 * Int(samples[place]) + c]) }
        case .rgb, .lumaAndChroma:
          for c in 0..<3 {
            let value = samples[place + c] * factor
            let alpha = isMultiplied ? Int(samples[place + 3] * factor) : 255
            let color = alpha == 255 ? value : alpha == 0 ? 0 : UInt8(min(255, Int(value) * 255 / alpha))
            buffer.initializeElement(at: target + c, to: color)
          }
        case .cmyk:
          let black = 255 - samples[place + 3]
          for c in 0..<3 { buffer.initializeElement(at: target + c, to: ink(samples[place + c], black)) }
        }
      }
      initialized = count * channels
    }
  }
}

/// The color of an ink and of what black leaves, 0 to 255: `black − ink · black / 255`, rounded as in Pillow.
func ink(_ ink: UInt8, _ black: UInt8) -> UInt8 {
  let product = Int(ink) * Int(black) + 128
  return UInt8(Int(black) - (product >> 8 + product) >> 8)
}
