internal import Autodiff
internal import Kernels

/// Local response normalization across channels: y = x · (k + α/n · Σ x²)^−β over the n channels around each.
///
/// As Caffe's `LRN` across channels and torch's `LocalResponseNorm` (Krizhevsky et al. 2012, 3.3).
package struct LocalResponseNormalizationLayer: Layer {
  /// `local-response-normalization` in a configuration.
  package static let kind = "local-response-normalization"

  /// n, the number of channels of each sum; odd.
  package var size: Int
  /// α, which is divided by n.
  package var alpha: Float
  /// β.
  package var beta: Float
  /// k.
  package var k: Float

  private enum CodingKeys: String, CodingKey { case size, alpha, beta, k }

  /// The layer; the defaults are torch's, with the size of AlexNet.
  package init(size: Int = 5, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 1) {
    (self.size, self.alpha, self.beta, self.k) = (size, alpha, beta, k)
  }

  /// Decodes `size` (default 5), `alpha` (1e-4), `beta` (0.75) and `k` (1).
  ///
  /// - Throws: `DecodingError` for an even size, a k of 0, and numbers out of range.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      size: try values.integer(.size, in: 1...1023, or: 5), alpha: try values.number(.alpha, in: 0..<1000, or: 1e-4),
      beta: try values.number(.beta, in: 0..<100, or: 0.75), k: try values.number(.k, in: 0..<1000, or: 1))
    guard size % 2 == 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: .size, in: values, debugDescription: "expected an odd number of channels, found \(size)")
    }
    guard k > 0 else {
      throw DecodingError.dataCorruptedError(forKey: .k, in: values, debugDescription: "expected a number above 0")
    }
  }

  /// In a table of layers.
  package var title: String { "local response normalization \(size)" }
  /// Local response normalization.
  package var operation: LayerOperation? { .responseNormalization }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// The shape of the input.
  ///
  /// - Throws: `ShapeError` for features.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return input
  }

  /// The normalized maps; see `Kernels.LocalResponseNormalization`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(
      context.tape.localResponseNormalization(
        input.maps(context),
        Kernels.LocalResponseNormalization(size: size, alpha: alpha, beta: beta, k: k)))
  }
}
