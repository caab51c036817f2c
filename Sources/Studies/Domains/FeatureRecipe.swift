internal import Serialization
internal import Support
internal import Training

/// What makes feature maps of a study's images: a frozen backbone, its weights and the images' preparation, as a piece of a
/// run's configuration.
package struct FeatureRecipe: Decodable, Sendable, Equatable {
  private var node: YAMLNode
  /// The study's file, for messages.
  private var source = ""
  /// The whole configuration and what is in its file of weights, as one text: equal texts, equal maps.
  package private(set) var text = ""

  /// Reads the recipe of a study file; it is checked when the study is planned.
  package init(from decoder: any Decoder) throws { node = try YAMLNode(from: decoder) }

  /// The recipe of a study file, with its text.
  /// - Throws: `YAMLError` where the pieces make no configuration, `FileError` where the weights cannot be read.
  func identified(in source: String) throws -> FeatureRecipe {
    var recipe = self
    recipe.source = source
    let configuration = try recipe.configuration(of: "images")
    let weights = try configuration.weights.map { try CRC32(ofFile: $0.from).value }
    recipe.text = try YAMLText.encode(configuration) + (weights.map { "\($0)" } ?? "")
    return recipe
  }

  /// The configuration that makes the maps of a dataset of images.
  /// - Throws: `YAMLError` where the pieces make none.
  func configuration(of images: String) throws -> Configuration {
    try StrictDecoder(source: source).decode(
      Configuration.self, from: node.overlaid(with: YAMLNode("data", "path", value: YAMLNode(text: images))))
  }
}
