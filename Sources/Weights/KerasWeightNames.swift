/// The layers and kinds of the tensors in one group of Keras's legacy layout, by its `weight_names`.
///
/// To Keras a model within a model is one layer, whose group has the tensors of all inner layers. Their names have the inner
/// layers in their paths; the full path, such as `tower_a/dense`, names the layer here.
struct KerasWeightNames {
  /// Layer and kind of each tensor.
  let keys: [(layer: String, kind: String)]
  /// The kernels of depthwise convolutions among the tensors.
  let depthwise: Set<Int>
  /// Whether the group has several layers. Trained tensors come first in it, so that layers are in no certain order.
  let hasSeveralLayers: Bool

  /// Reads names such as `fc1/kernel:0`, `model/fc1/kernel`, `fc1_W_1:0`, or in a nested model `tower_a/dense/kernel:0`.
  ///
  /// - Parameters:
  ///   - group: the layer that Keras names.
  ///   - ranks: those of the tensors.
  ///   - isLayer: whether the group is known to be a layer, not a model; its tensors may have the name that it had before.
  init(group: String, weightNames: [String], ranks: [Int], isLayer: Bool = false) {
    let own = group.split(separator: "/").map(String.init)
    var folders = weightNames.map { $0.split(separator: "/").dropLast().map(String.init) }
    if folders.allSatisfy(\.isEmpty) { folders = weightNames.map { Self.innerLayer(of: $0, in: group) } }
    let layers = isLayer ? folders.map { _ in group } : Self.layers(group, own, folders)
    var depthwise: Set<Int> = []
    var keys = zip(layers, weightNames).map { ($0, TensorRole.stem(of: $1)) }
    for layer in Set(layers) {
      let places = layers.indices.filter { layers[$0] == layer }
      let roles = places.map { place in
        TensorRole(kerasName: weightNames[place], layer: folders[place].last ?? group)
          ?? TensorRole(kerasName: weightNames[place], layer: group)
      }
      // A separable convolution has both, and is no layer here.
      let kernels = places.filter { TensorRole.stem(of: weightNames[$0]).hasSuffix("_kernel") }
      if kernels.count == 1, TensorRole.stem(of: weightNames[kernels[0]]) == "depthwise_kernel", ranks[kernels[0]] == 4
      {
        depthwise.insert(kernels[0])
        keys[kernels[0]].1 = TensorRole.weight.rawValue
      }
      let isOther = !kernels.isEmpty
      let byRanks = roles.contains(nil) && !isOther ? TensorRole.roles(byRanks: places.map { ranks[$0] }) : nil
      for (index, place) in places.enumerated() {
        if let role = byRanks?[index] ?? roles[index] { keys[place].1 = role.rawValue }
      }
    }
    self.depthwise = depthwise
    self.keys = keys.map { (layer: $0.0, kind: $0.1) }
    hasSeveralLayers = Set(layers).count > 1
  }

  /// The full path of each tensor's layer.
  private static func layers(_ group: String, _ own: [String], _ folders: [[String]]) -> [String] {
    /// What follows the group's own name in a path, such as `[dense]` after `model/tower_a`.
    func rest(_ folder: [String]) -> [String]? {
      guard folder.count >= own.count else { return nil }
      let start = (0...folder.count - own.count).first { folder[$0..<$0 + own.count].elementsEqual(own) }
      return start.map { Array(folder[($0 + own.count)...]) }
    }
    let rests = folders.map(rest)
    if !rests.contains(nil) { return rests.map { ([group] + ($0 ?? [])).joined(separator: "/") } }
    // `dense_1_1/kernel` is the second tensor of that name in a session, not a layer in the layer `dense_1`.
    if Set(folders).count == 1, let last = folders.first?.last, isCounted(last, own.last ?? group) {
      return folders.map { _ in group }
    }
    return folders.map { ([group] + $0).joined(separator: "/") }
  }

  private static func isCounted(_ name: String, _ layer: String) -> Bool {
    name.hasPrefix(layer + "_") && name.dropFirst(layer.count + 1).allSatisfy(\.isNumber)
  }

  /// Keras 1 wrote no folders: `dense_1_W:0` in the group `sequential_1` is a tensor of the inner layer `dense_1`.
  private static func innerLayer(of name: String, in group: String) -> [String] {
    if TensorRole(kerasName: name, layer: group) != nil { return [] }
    let parts = TensorRole.stem(of: name).split(separator: "_")
    for count in 1...4 where count < parts.count {
      let layer = parts.dropLast(count).joined(separator: "_")
      if TensorRole(kerasName: name, layer: layer) != nil { return [layer] }
    }
    return []
  }
}
