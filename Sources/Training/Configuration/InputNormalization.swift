internal import Serialization

/// The normalization of pixel values 0 … 255 before the network; each pretrained network expects its own.
package enum InputNormalization: Sendable, Equatable {
  /// x / 127.5 − 1.
  case symmetric
  /// x.
  case raw
  /// x / 255.
  case unit
  /// Blue, green, red minus ImageNet's means of 0 … 255, as Keras's VGG and ResNet weights expect.
  case caffe
  /// (x / 255 − mean) / standard deviation of ImageNet's red, green and blue, as torchvision's weights expect.
  case torch
  /// (x − mean) / deviation by numbers of one's own.
  case numbers(Numbers)

  /// Means and deviations of the network's channels on the scale 0 … 255.
  package struct Numbers: Codable, Sendable, Equatable {
    /// The order in which a network gets the channels.
    package enum Order: String, Codable, Sendable, CaseIterable {
      /// Red, green, blue.
      case rgb
      /// Blue, green, red.
      case bgr
    }

    /// Of the network's channels, and so of both lists.
    package var order: Order
    /// One number, or one for each channel.
    package var mean: [Float]
    /// One number, or one for each channel; above 0.
    package var deviation: [Float]

    private enum CodingKeys: String, CodingKey { case order, mean, deviation }

    /// Numbers; by default means of 0 and deviations of 1, which change nothing.
    package init(order: Order = .rgb, mean: [Float] = [0], deviation: [Float] = [1]) {
      (self.order, self.mean, self.deviation) = (order, mean, deviation)
    }

    /// Decodes `order` (default `rgb`), `mean` (`[0]`) and `deviation` (`[1]`).
    ///
    /// - Throws: `DecodingError` for lists of another length than 1 or 3 and for deviations of 0 or below.
    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      order = try container.decode(.order, or: .rgb)
      mean = try container.decode(.mean, or: [0])
      deviation = try container.decode(.deviation, or: [1])
      for (list, key) in [(mean, CodingKeys.mean), (deviation, .deviation)] {
        try container.require(
          [1, 3].contains(list.count) && list.allSatisfy(\.isFinite), key,
          "expected one number, or one for each of the channels")
      }
      try container.require(deviation.allSatisfy { $0 > 0 }, .deviation, "expected deviations above 0")
    }
  }

  /// Whether images must have three channels.
  package var needsColor: Bool {
    switch self {
    case .symmetric, .raw, .unit: false
    case .caffe, .torch: true
    case .numbers(let numbers): numbers.order == .bgr || numbers.mean.count == 3 || numbers.deviation.count == 3
    }
  }

  /// For each network channel its source channel of the image, and the value of each of its 256 levels.
  package func channels(_ count: Int) -> [(source: Int, values: [Float])] {
    func table(_ value: (Float) -> Float) -> [Float] { (0..<256).map { value(Float($0)) } }
    switch self {
    case .symmetric: return (0..<count).map { ($0, table { $0 / 127.5 - 1 }) }
    case .raw: return (0..<count).map { ($0, table { $0 }) }
    case .unit: return (0..<count).map { ($0, table { $0 / 255 }) }
    case .caffe:
      return Self.numbers(.init(order: .bgr, mean: [103.939, 116.779, 123.68])).channels(count)
    case .torch:
      let means: [Float] = [0.485, 0.456, 0.406]
      let deviations: [Float] = [0.229, 0.224, 0.225]
      return (0..<3).map { channel in (channel, table { ($0 / 255 - means[channel]) / deviations[channel] }) }
    case .numbers(let numbers):
      return (0..<count).map { channel in
        let mean = numbers.mean.count == 1 ? numbers.mean[0] : numbers.mean[channel]
        let deviation = numbers.deviation.count == 1 ? numbers.deviation[0] : numbers.deviation[channel]
        return (numbers.order == .bgr ? count - 1 - channel : channel, table { ($0 - mean) / deviation })
      }
    }
  }
}

/// A name, or the keys of `Numbers`.
extension InputNormalization: Codable, CustomStringConvertible {
  private enum Name: String, Codable, CaseIterable {
    case symmetric, raw, unit, caffe, torch

    var value: InputNormalization {
      switch self {
      case .symmetric: .symmetric
      case .raw: .raw
      case .unit: .unit
      case .caffe: .caffe
      case .torch: .torch
      }
    }
  }

  private var name: Name? { Name.allCases.first { $0.value == self } }

  /// Decodes a name such as `caffe`, or `{order: bgr, mean: [104, 117, 123]}`.
  ///
  /// - Throws: `DecodingError` for another name or numbers out of range.
  package init(from decoder: any Decoder) throws {
    if (try? String(from: decoder)) == nil {
      self = .numbers(try Numbers(from: decoder))
    } else {
      self = try decoder.singleValueContainer().decode(Name.self).value
    }
  }

  /// Encodes the name, or the numbers.
  ///
  /// - Throws: what the encoder throws.
  package func encode(to encoder: any Encoder) throws {
    if case .numbers(let numbers) = self { try numbers.encode(to: encoder) }
    try name?.encode(to: encoder)
  }

  /// The name, or `numbers` for numbers of one's own.
  package var description: String { name?.rawValue ?? "numbers" }
}
