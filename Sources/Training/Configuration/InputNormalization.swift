/// The normalization of pixel values 0 … 255 before the network; each pretrained network expects its own.
package enum InputNormalization: String, Codable, Sendable, CaseIterable {
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

  /// Whether images must have three channels.
  package var needsColor: Bool { self == .caffe || self == .torch }

  /// For each network channel its source channel of the image, and the value of each of its 256 levels.
  package func channels(_ count: Int) -> [(source: Int, values: [Float])] {
    func table(_ value: (Float) -> Float) -> [Float] { (0..<256).map { value(Float($0)) } }
    switch self {
    case .symmetric: return (0..<count).map { ($0, table { $0 / 127.5 - 1 }) }
    case .raw: return (0..<count).map { ($0, table { $0 }) }
    case .unit: return (0..<count).map { ($0, table { $0 / 255 }) }
    case .caffe:
      let means: [Float] = [103.939, 116.779, 123.68]
      return (0..<3).map { channel in (2 - channel, table { $0 - means[channel] }) }
    case .torch:
      let means: [Float] = [0.485, 0.456, 0.406]
      let deviations: [Float] = [0.229, 0.224, 0.225]
      return (0..<3).map { channel in (channel, table { ($0 / 255 - means[channel]) / deviations[channel] }) }
    }
  }
}
