internal import Kernels
package import Layers
package import Networks
internal import Support
internal import Tensors
package import Weights

extension WeightsFile {
  /// Opens the file of a configuration, in its layout and with its order of rows where these are given.
  ///
  /// - Throws: `FileError` where it is missing, damaged or in another layout.
  convenience init(opening weights: WeightsConfiguration) throws(FileError) {
    try self.init(
      opening: weights.from, as: weights.layout, flattenOrder: weights.flattenOrder, part: weights.part)
  }
}

extension LoadingPlan {
  /// Compares a network with a file.
  ///
  /// - Parameters:
  ///   - input: the shape of an image; nil where no layer with rows of flattened maps is loaded.
  ///   - reinitializing: layers that are not loaded; see the plan.
  ///   - renaming: the file's names of layers by the network's.
  /// - Throws: `FileError` where they do not fit each other, `ShapeError` where the network does not take the input.
  init(
    _ network: Network, input: ActivationShape?, from file: WeightsFile, reinitializing: [String] = [],
    renaming: [String: String] = [:]
  ) throws {
    var maps: [String: FlattenedMap]?
    if let input, file.flattenOrder == .chw {
      maps = try network.flattenedMaps(of: input)
    } else if let input, file.flattenedMaps != nil {
      // Rows need no permutation, and maps are compared where the network's are known.
      maps = try? network.flattenedMaps(of: input)
    }
    try self.init(
      network: network.parameters.map { ($0.name, $0.shape) }, namings: network.namings,
      isChain: network.layers.allSatisfy { $0.layer.chains.isEmpty } && network.outputs.count == 1, flattened: maps,
      from: file.joining(network.partners), reinitializing: reinitializing, renaming: renaming,
      outline: network.outline)
  }
}

extension WeightsFile {
  /// The state of the run that wrote the file, weights or a checkpoint; nil for files of other programs.
  ///
  /// - Throws: `TrainingError` where it is of another version or cannot be read.
  func runState(layers: LayerRegistry) throws -> TrainingState? {
    try runState.map { try TrainingState(json: $0, path: path, layers: layers) }
  }
}

extension Network {
  /// By layer name, the flattened map that each linear layer after a flattening gets its features from.
  ///
  /// - Throws: `ShapeError` where a layer does not fit an input of that shape, or flattens maps inside of a branch.
  package func flattenedMaps(of input: ActivationShape) throws(ShapeError) -> [String: FlattenedMap] {
    if let layer = layers.first(where: { $0.layer.flattensInChains }) {
      throw ShapeError(
        problem:
          "layer \(layer.path) flattens maps inside of a branch, and the file's features may have another order; "
          + "flatten after the branches, or convert the file to Keras's layout")
    }
    let shapes = try shapes(of: input)
    var maps: [String: FlattenedMap] = [:]
    /// Adds the maps of a chain that begins after a flattened map or none; returns the one that is left at its end.
    func add(_ range: Range<Int>, after map: FlattenedMap?) -> FlattenedMap? {
      var map = map
      for index in range {
        let layer = layers[index]
        if layer.layer.flattensMaps, case .maps(let extent?, let channels) = shapes[index].input {
          map = FlattenedMap(height: extent.height, width: extent.width, channels: channels)
        } else if layer.layer is LinearLayer, let found = map {
          maps[layer.name] = found
          map = nil
        }
      }
      return map
    }
    let shared = add(trunk, after: nil)
    for output in outputs where output.range != trunk { _ = add(output.range, after: shared) }
    return maps
  }
}

extension Layer {
  /// Whether a layer inside of its chains flattens maps.
  fileprivate var flattensInChains: Bool {
    chains.joined().contains { $0.layer.flattensMaps || $0.layer.flattensInChains }
  }
}
