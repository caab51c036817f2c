package import Layers
internal import Networks
internal import Support
package import Tensors
internal import Weights

/// The weights that a run began with: those that were loaded, converted to its network, and the rest initialized by its seed.
package struct InitialWeights: Sendable {
  /// Every parameter of the network.
  package let parameters: Parameters
  /// The names of those that were loaded.
  package let loaded: Set<String>

  /// Reads and initializes them again, from the configuration and the dataset that the run was started with.
  ///
  /// - Throws: `FileError`, `TrainingError` or `RunError` where the dataset or the file of weights is not there any more or
  ///   not as it was.
  package init(of configuration: Configuration, layers: LayerRegistry) throws {
    let setup = try TrainingSetup(configuration, layers: layers)
    let given = try setup.givenParameters(layers: layers) { _ in }
    parameters = setup.network.initialParameters(seed: configuration.seed, given: given)
    loaded = Set(given.names)
  }
}

extension TrainingSetup {
  /// The parameters that the configuration's file of weights gives, converted to the network's; empty from scratch.
  func givenParameters(layers: LayerRegistry, _ observe: (TrainingEvent) -> Void) throws -> Parameters {
    guard let weights = configuration.weights else { return Parameters() }
    let transfer = try transfer(weights.use)
    let file = try WeightsFile(opening: weights)
    if weights.use == .continuation { try requireClasses(of: file, layers: layers) }
    var plan = try LoadingPlan(
      transfer.source, input: firstInput, from: file, reinitializing: transfer.patterns + weights.reinitialize,
      renaming: weights.rename)
    observe(.loaded(plan, from: weights.from))
    let values = try plan.load()
    plan.noteZeros(in: values)
    if let remark = plan.remarkOnZeros { observe(.adapted(remark)) }
    let (taken, notes) = transfer.parameters(from: values)
    for note in notes { observe(.adapted(note)) }
    return taken
  }
}
