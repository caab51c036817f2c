package import Datasets
internal import Foundation
package import Layers
package import Networks
package import Tensors
internal import Weights

/// The origin of feature maps: a frozen backbone, its weights, and the images' preparation.
///
/// Equal values, equal features; it is JSON in the dataset's file.
package struct FeatureBackbone: Codable, Sendable, Equatable {
  /// The network without its head.
  package var network: NetworkDescription
  /// Channels of the images.
  package var channels: Int
  /// The file's name and its weights' checksum; nil for weights drawn by the seed.
  package var weights: String?
  /// The run's seed, which draws weights that are not loaded.
  package var seed: UInt64
  /// The normalization of the images.
  package var inputNormalization: InputNormalization
  /// The resizing of the images; nil keeps their size.
  package var resize: ImageResizing?
  /// Side length in pixels that images are scaled to; nil keeps their size.
  package var evaluationSize: Int?
  /// Whether JPEG images were decoded at a part of their size where they are scaled; nil is false.
  package var scaledDecoding: Bool?

  /// The keys of the file format.
  private enum CodingKeys: String, CodingKey {
    case network, channels, weights, seed
    case inputNormalization = "pixels"
    case resize, evaluationSize, scaledDecoding
  }

  /// That of a dataset; nil if it holds images.
  ///
  /// - Parameter layers: the kinds of layers that the backbone can have.
  /// - Throws: `TrainingError` if its description in the file cannot be read.
  package init?(of dataset: Dataset, layers: LayerRegistry = .standard) throws(TrainingError) {
    guard let text = dataset.header.features?.backbone else { return nil }
    let decoder = JSONDecoder()
    decoder.userInfo.merge(layers.userInfo) { $1 }
    do { self = try decoder.decode(Self.self, from: Data(text.utf8)) } catch {
      throw TrainingError(
        "\(dataset.path): the description of its backbone cannot be read: \(error); make the dataset again")
    }
  }

  /// The backbone of a configuration.
  ///
  /// - Parameters:
  ///   - channels: of the images.
  ///   - weights: the file's name and checksum.
  package init(_ configuration: Configuration, channels: Int, weights: String?) {
    (network, self.channels, self.weights) = (configuration.network.backbone, channels, weights)
    seed = configuration.seed
    (inputNormalization, resize) = (configuration.data.inputNormalization, configuration.data.resize)
    evaluationSize = configuration.data.evaluationSize
    scaledDecoding = configuration.data.scaledDecoding ? true : nil
  }

  /// The checksum of the weights, without their file's name, which may change.
  private var checksum: Substring? { weights?.split(separator: " ").last }

  /// What makes the features of the weights: their file and checksum, or the seed that they were drawn by.
  package var weightsText: String {
    weights.map { weights in
      let words = weights.split(separator: " ")
      return "\(words.dropLast().joined(separator: " ")) with checksum \(words.last ?? "")"
    } ?? "weights drawn by seed \(seed)"
  }

  /// Why other feature maps are not made in the same way as these, in words; nil where they are.
  package func difference(from other: FeatureBackbone) -> String? {
    if network != other.network { return "it has other layers" }
    if checksum != other.checksum || (weights == nil && seed != other.seed) {
      return "these are of \(weightsText), those of \(other.weightsText)"
    }
    let isPreparedAlike =
      channels == other.channels && inputNormalization == other.inputNormalization && resize == other.resize
      && evaluationSize == other.evaluationSize && scaledDecoding == other.scaledDecoding
    return isPreparedAlike ? nil : "its images were prepared otherwise (channels, inputNormalization, resize or size)"
  }

  /// Whether parameters are the ones that made the features.
  package func isMade(by parameters: Parameters) -> Bool { String(parameters.checksum, radix: 16) == checksum ?? "" }

  /// Throws unless a run of that configuration can train on these features.
  func requireFit(_ configuration: Configuration, path: String) throws(TrainingError) {
    guard configuration.network.backbone == network else {
      throw TrainingError(
        "\(path): its feature maps were made by another backbone than network describes; expected the one that "
          + "bulkhead inspect \(path) shows")
    }
    let data = configuration.data
    let preparation: [(String, Bool)] = [
      ("augment", data.augment != nil), ("sizes", !data.sizes.isEmpty), ("resize", data.resize != nil),
      ("evaluationSize", data.evaluationSize != nil), ("scaledDecoding", data.scaledDecoding),
      ("channels", data.channels != nil),
      ("inputNormalization", data.inputNormalization != .symmetric),
    ]
    if let (key, _) = preparation.first(where: \.1) {
      throw TrainingError("\(path): holds feature maps, on which data.\(key) has no effect; remove it")
    }
  }
}
