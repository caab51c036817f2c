internal import Datasets
internal import Layers
internal import Networks
internal import Support
internal import Tensors

/// Whether sampling, loss and selection fit the data, and what a user should know of them before a run.
extension TrainingSetup {
  /// Throws `TrainingError` where a metric, the sampling or mixup does not fit the task or the images.
  static func requireFit(
    _ configuration: Configuration, _ task: any TrainingTask.Type, samples: [Int], in dataset: Dataset
  ) throws(TrainingError) {
    if let select = configuration.select, !task.metrics.contains(where: { $0.name == select.rawValue }) {
      throw TrainingError(
        "select: the task \(task.name) has no metric \(select.rawValue); expected one of "
          + task.metrics.map(\.name).joined(separator: ", "))
    }
    let data = configuration.data
    let images = dataset.groupedByImage(samples)
    if data.sampling == .balanced,
      let mixed = images.first(where: { samples in Set(samples.map(dataset.label(of:))).count > 1 })
    {
      throw TrainingError(
        "\(dataset.path): image \(dataset.imageIndex(of: mixed[0])) has regions of several classes; data.sampling: "
          + "balanced expects images of one class each; use loss.classWeights instead")
    }
    guard data.augment?.mixup != nil else { return }
    guard !samples.contains(where: { dataset.box(of: $0) != nil }) else {
      throw TrainingError("\(dataset.path): its images have regions, which data.augment.mixup cannot mix; remove it")
    }
    guard data.hasOneTrainingExtent(of: Set(images.map { dataset.extent(ofImage: dataset.imageIndex(of: $0[0])) }))
    else {
      throw TrainingError(
        "\(dataset.path): its training images have several sizes, and data.augment.mixup mixes images of one; set "
          + "data.resize.crop, or data.sizes to one size")
    }
  }

  /// Sentences on classes without images, and on frozen parameters that were not loaded.
  ///
  /// - Parameter loaded: names of the parameters that a file gives.
  func warnings(loaded: Set<String>) -> [String] {
    var warnings: [String] = []
    func add(_ samples: [Int], _ split: String, _ consequence: String) {
      let found = Set(samples.map(dataset.label(of:)))
      let missing = dataset.classNames.indices.filter { !found.contains($0) }.map { dataset.classNames[$0] }
      guard !missing.isEmpty else { return }
      warnings.append(
        "\(dataset.path): \(missing.count) of \(dataset.classNames.count) classes have no \(split) image, and "
          + "\(consequence): \(Self.list(missing))")
    }
    add(plan.samples, "training", "the network will not learn them")
    if !validation.isEmpty { add(validation, "validation", "selection does not see them") }
    let trained = network.trainedParameters(freezing: configuration.freeze)
    let random = network.parameters.filter(\.isTrained).map(\.name).filter {
      !trained.contains($0) && !loaded.contains($0)
    }
    if !random.isEmpty {
      warnings.append(
        "freeze: \(random.count) frozen parameters keep their random initial values, as "
          + (configuration.weights == nil ? "there are no weights (weights.from)" : "the weights do not give them")
          + ": \(Self.list(random))")
    }
    if let joining = Self.joiningWarning(plan, for: singleValueLayer) { warnings.append(joining) }
    return warnings
  }

  /// The first names of a list, and how many more there are.
  private static func list(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? " and \(names.count - 10) more" : "")
  }
}
