package import Images
internal import Tensors

/// A domain shift: a corruption or transform of images, such as noise or blur, that keeps the task.
package struct DomainShift: Sendable, Equatable {
  /// The kinds of domain shift.
  package enum Kind: String, Decodable, Sendable, CaseIterable {
    /// 255 − x.
    case inverted
    /// Length of the gradient.
    case edges
    /// About the center, by up to 90° at severity 1, clockwise.
    case rotated
    /// A box blur with a radius of up to an eighth of the side.
    case blurred
    /// Noise with a standard deviation of up to 100.
    case noisy
    /// The image over stripes and blotches, seen where it is dark.
    case textured
    /// The image shrunk to down to half its side, at a random place.
    case displaced
  }

  /// Whether pixels go to other places, so that boxes would have to go along.
  var movesPixels: Bool { kind == .rotated || kind == .displaced }

  /// The kind of shift.
  package var kind: Kind
  /// The severity, above 0 and up to 1, the full change.
  package var severity: Double

  /// - Parameter severity: above 0 and up to 1.
  package init(kind: Kind, severity: Double = 1) { (self.kind, self.severity) = (kind, severity) }

  /// The image after the shift; what is random depends on its index alone.
  package func shifted(_ image: Image, index: Int) -> Image {
    // The word is a part of the seed: another one would make other images.
    var random = RandomStream(seed: UInt64(index), keys: RandomStream.key("rendition"), RandomStream.key(kind.rawValue))
    switch kind {
    case .inverted: return blended(image) { 255 - $0 }
    case .edges: return edges(of: image)
    case .rotated: return rotated(image)
    case .blurred: return blurred(image)
    case .noisy: return image.mapped { _, value in value + 100 * severity * Double(random.normal()) }
    case .textured: return textured(image, &random)
    case .displaced: return displaced(image, &random)
    }
  }

  /// A blend of the image and its change, by severity.
  private func blended(_ image: Image, _ change: (Double) -> Double) -> Image {
    image.mapped { _, value in value + severity * (change(value) - value) }
  }

  private func edges(of image: Image) -> Image {
    image.mapped { place, value in
      let x =
        image.value(place.row, place.column + 1, place.channel)
        - image.value(place.row, place.column - 1, place.channel)
      let y =
        image.value(place.row + 1, place.column, place.channel)
        - image.value(place.row - 1, place.column, place.channel)
      return value + severity * ((x * x + y * y).squareRoot() - value)
    }
  }

  private func rotated(_ image: Image) -> Image {
    let angle = severity * Double.pi / 2
    let (cosine, sine) = (angle.cosine, angle.sine)
    let (midRow, midColumn) = (Double(image.height - 1) / 2, Double(image.width - 1) / 2)
    return image.mapped { place, _ in
      let (y, x) = (Double(place.row) - midRow, Double(place.column) - midColumn)
      return image.interpolated(midRow + cosine * y - sine * x, midColumn + sine * y + cosine * x, place.channel)
    }
  }

  private func blurred(_ image: Image) -> Image {
    let radius = max(1, Int((severity * Double(min(image.height, image.width)) / 8).rounded()))
    return image.mapped { place, _ in
      var sum = 0.0
      for row in place.row - radius...place.row + radius {
        for column in place.column - radius...place.column + radius { sum += image.value(row, column, place.channel) }
      }
      return sum / Double((2 * radius + 1) * (2 * radius + 1))
    }
  }

  /// Waves of a random direction, length and phase; the image takes their place as far as it is light.
  private func textured(_ image: Image, _ random: inout RandomStream) -> Image {
    let waves = (0..<3).map { _ in
      let direction = 2 * Double.pi * Double(random.uniform())
      let frequency = 0.4 + 1.2 * Double(random.uniform())
      return (
        row: frequency * direction.sine, column: frequency * direction.cosine,
        phase: 2 * Double.pi * Double(random.uniform())
      )
    }
    return image.mapped { place, value in
      let sum = waves.reduce(0.0) { sum, wave in
        sum + (wave.row * Double(place.row) + wave.column * Double(place.column) + wave.phase).sine
      }
      let texture = severity * (85 + 28 * sum)
      return value + (1 - value / 255) * texture
    }
  }

  private func displaced(_ image: Image, _ random: inout RandomStream) -> Image {
    let scale = 1 - severity / 2
    let (height, width) = (
      max(1, Int((scale * Double(image.height)).rounded())), max(1, Int((scale * Double(image.width)).rounded()))
    )
    let small = image.resized(height: height, width: width)
    let top = random.integer(below: image.height - height + 1)
    let left = random.integer(below: image.width - width + 1)
    return image.mapped { place, _ in
      let (row, column) = (place.row - top, place.column - left)
      guard (0..<height).contains(row), (0..<width).contains(column) else { return 0 }
      return small.value(row, column, place.channel)
    }
  }
}
