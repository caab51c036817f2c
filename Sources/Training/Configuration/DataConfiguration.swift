package import Storage

/// The data of a run and how it is served.
package struct DataConfiguration: Codable, Sendable, Equatable {
  /// A dataset file.
  package var path: String
  /// Training images a class, drawn by the seed; nil takes all.
  package var trainPerClass: Int?
  /// Validation images a class, drawn by the seed; nil takes all.
  package var validationPerClass: Int?
  /// Side lengths in pixels that training images are scaled to, one drawn for each image; empty keeps their own.
  package var sizes: [Int]
  /// Side length in pixels of validation and test images; nil keeps their own.
  package var evaluationSize: Int?
  /// Images a step.
  package var batch: Int

  package init(
    path: String, trainPerClass: Int? = nil, validationPerClass: Int? = nil, sizes: [Int] = [],
    evaluationSize: Int? = nil, batch: Int = 32
  ) {
    (self.path, self.trainPerClass, self.validationPerClass) = (path, trainPerClass, validationPerClass)
    (self.sizes, self.evaluationSize, self.batch) = (sizes, evaluationSize, batch)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    path = try container.decode(String.self, forKey: .path)
    trainPerClass = try container.decodeIfPresent(Int.self, forKey: .trainPerClass)
    validationPerClass = try container.decodeIfPresent(Int.self, forKey: .validationPerClass)
    sizes = try container.decode(.sizes, or: [])
    evaluationSize = try container.decodeIfPresent(Int.self, forKey: .evaluationSize)
    batch = try container.decode(.batch, or: 32)
    try container.require(trainPerClass ?? 1 > 0, .trainPerClass, "expected at least 1 image a class")
    try container.require(validationPerClass ?? 1 > 0, .validationPerClass, "expected at least 1 image a class")
    try container.require(sizes.allSatisfy { (1...4096).contains($0) }, .sizes, "expected sizes of 1 to 4096 pixels")
    try container.require(
      (1...4096).contains(evaluationSize ?? 1), .evaluationSize, "expected a size of 1 to 4096 pixels")
    try container.require((1...65_536).contains(batch), .batch, "expected 1 to 65536 images a step")
  }
}

/// Weights that a run begins with.
package struct WeightsConfiguration: Codable, Sendable, Equatable {
  /// A weights file in any known layout, or a checkpoint.
  package var from: String
  /// The file's layout; nil finds it by looking.
  package var layout: WeightsFormat?
  /// The order of a flattened map's rows in the file; nil takes the layout's.
  package var flattenOrder: FlattenOrder?
  /// Layers that are not loaded but newly initialised, such as `classifier`.
  package var leave: [String]
  /// Names of layers in the file by their names in the network, such as `fc6: classifier.0`.
  package var rename: [String: String]

  package init(
    from path: String, layout: WeightsFormat? = nil, flattenOrder: FlattenOrder? = nil, leave: [String] = [],
    rename: [String: String] = [:]
  ) {
    (from, self.layout, self.flattenOrder) = (path, layout, flattenOrder)
    (self.leave, self.rename) = (leave, rename)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    from = try container.decode(String.self, forKey: .from)
    layout = try container.decodeIfPresent(WeightsFormat.self, forKey: .layout)
    flattenOrder = try container.decodeIfPresent(FlattenOrder.self, forKey: .flattenOrder)
    leave = try container.decode(.leave, or: [])
    rename = try container.decode(.rename, or: [:])
  }
}

/// When a run's state is saved.
package struct CheckpointConfiguration: Codable, Sendable, Equatable {
  /// Epochs between checkpoints; the end of the run and an interruption always save one.
  package var everyEpochs: Int

  package init(everyEpochs: Int = 1) { self.everyEpochs = everyEpochs }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    everyEpochs = try container.decode(.everyEpochs, or: 1)
    try container.require(everyEpochs > 0, .everyEpochs, "expected at least 1 epoch")
  }
}
