internal import Kernels
internal import Layers
internal import Networks
internal import Support
internal import Tensors
internal import Weights

extension FeatureBackbone {
  /// Compares a run's weights with those of the backbone that made its feature maps, as far as the file has them.
  ///
  /// - Parameters:
  ///   - settings: the run's weights; nil trains the head from scratch.
  ///   - path: the dataset of feature maps.
  ///   - layers: the kinds of layers that a run's checkpoint can have.
  /// - Returns: what made the maps, in a line for the user.
  /// - Throws: `TrainingError` where the file holds other weights of the backbone, or is of a run on other feature maps;
  ///   `FileError` where it cannot be read.
  func compared(with settings: WeightsConfiguration?, path: String, layers: LayerRegistry) throws -> String {
    let origin = "\(path): feature maps of \(weightsText)"
    guard let settings else { return origin }
    func refusal(_ what: String) -> TrainingError {
      TrainingError(
        "\(path): its feature maps are of \(weightsText), and \(what); make the maps with bulkhead features from the same "
          + "weights, or train on maps that were")
    }
    let file = try WeightsFile(opening: settings)
    if let theirs = try file.runState(layers: layers)?.features {
      if let difference = difference(from: theirs) {
        throw refusal("\(settings.from) is of a run on other feature maps: \(difference)")
      }
      return origin + ", the same as in the run of \(settings.from)"
    }
    let backbone = try network.network(channels: channels, classes: 1)
    let names = Set(backbone.layers.flatMap { [$0.name, $0.path] })
    let plan = try? LoadingPlan(
      network: backbone.parameters.map { ($0.name, $0.shape) }, from: file,
      renaming: settings.rename.filter { names.contains($0.key) })
    guard let plan else { return origin + "; \(settings.from) holds no such backbone to compare with" }
    guard isMade(by: try plan.load()) else { throw refusal("\(settings.from) holds other weights of that backbone") }
    return origin + ", the same as in \(settings.from)"
  }
}
