internal import Tensors

/// The contents of a checkpoint at one step; only lent to the manager, as another reference to a tensor would make the
/// next step copy it.
struct TrainedContents {
  /// Everything besides tensors.
  let state: TrainingState
  /// All of the network's.
  let parameters: Parameters
  /// The optimizer's tensors by kind and parameter.
  let optimizer: Parameters
  /// Names of the trained parameters.
  let trained: Set<String>
}
