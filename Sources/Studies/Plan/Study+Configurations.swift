internal import Serialization
internal import Training

extension Study {
  enum Phase { case pretraining, finetuning }

  /// The pieces of a run's configuration, each laid over the one before.
  func node(_ arm: Arm, _ phase: Phase, data: String, seed: UInt64) -> YAMLNode {
    let pieces: [YAMLNode?] = [
      common, phase == .pretraining ? pretraining : finetuning, arm.settings,
      phase == .pretraining ? arm.pretraining : arm.finetuning,
      YAMLNode("seed", value: YAMLNode(number: seed)),
      YAMLNode("data", "path", value: YAMLNode(text: data)),
    ]
    return pieces.compactMap { $0 }.reduce(YAMLNode(.mapping([]))) { $0.overlaid(with: $1) }
  }

  /// The piece that begins with a source model's weights.
  func weights(from source: RunDirectory) -> YAMLNode {
    let layers = YAMLNode(.sequence(reinitialize.map { YAMLNode(text: $0) }))
    return YAMLNode("weights", "from", value: YAMLNode(text: source.best))
      .overlaid(with: YAMLNode("weights", "reinitialize", value: layers))
  }

  /// The folds that cells of a configuration are selected by; 0 for those with validation images.
  /// - Throws: `YAMLError` if the learning rates could not be compared.
  func folds(of base: Configuration, path: String) throws -> Int {
    func require(_ condition: Bool, _ key: String, _ problem: String) throws {
      guard condition else {
        throw YAMLError(source: path, origin: finetuning.origin, path: "finetuning.data.\(key)", problem: problem)
      }
    }
    try require(base.data.fold == nil, "fold", "the folds of a study are search.folds; remove this key")
    guard search.folds > 0 else {
      try require(
        base.data.validationPerClass != 0, "validationPerClass",
        "the learning rates could not be compared; expected validation images, or search.folds")
      return 0
    }
    guard let size = base.data.trainPerClass else {
      try require(
        false, "trainPerClass", "search.folds needs the number of images per class; set a number, or sizes")
      return 0
    }
    guard size <= Search.mostForFolds else { return 0 }
    try require(
      size >= search.folds, "trainPerClass",
      "\(size) images per class cannot be split into \(search.folds) folds; expected more images or fewer search.folds")
    return search.folds
  }
}
