internal import Support
internal import Tensors

extension WeightsFile {
  /// What a tensor that the file lacks stands for: 1 for the scale and 0 for the offset of a batch normalization whose
  /// statistics the file has.
  func constant(for kind: String, of layer: String, shape: [Int]) -> LoadingPlan.Outcome? {
    let own = tensors.filter { $0.layer == layer }
    func has(_ role: TensorRole) -> Bool { own.contains { $0.kind == role.rawValue && $0.shape == shape } }
    // One of them may be it.
    guard possibleScales(of: layer).isEmpty else { return nil }
    guard has(.mean), has(.variance), !own.contains(where: { $0.kind == kind }) else { return nil }
    // Other kinds, such as numbers, may be the scale or the offset.
    guard own.allSatisfy({ TensorRole(rawValue: $0.kind) != nil }) else { return nil }
    return kind == TensorRole.scale.rawValue ? .one : kind == TensorRole.offset.rawValue ? .zero : nil
  }

  /// Throws where the network in the file flattens another map before a layer than the network that is loaded, which shapes
  /// do not show.
  func requireMap(_ map: FlattenedMap, ofLayer layer: String, named name: String) throws(FileError) {
    guard !isOrderForced, let own = flattenedMaps?[layer], own != map else { return }
    throw FileError(
      what: "\(layer) follows the flattening of a map of \(own) in the file, and \(name) of \(map) in the network",
      path: path, expected: "maps of one extent",
      action:
        "set the network's size to the file's, reinitialize \(name), or set weights.flattenOrder to load it as it is")
  }

  /// The name under which files hold the state of the run that trained them.
  package static let stateNote = "bulkhead_state"

  /// The state of the run that wrote the file, weights or a checkpoint, or whose weights were converted into it, as JSON; nil
  /// for files of other programs.
  package var runState: String? {
    get throws(FileError) {
      if let state = try note(Self.stateNote) { return state }
      return (try? note("format")) == Checkpoint.format ? try note("state") : nil
    }
  }
}
