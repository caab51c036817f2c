internal import HDF5
internal import Tensors

/// Parameters in the legacy HDF5 layout of Keras (`keras/src/legacy/saving/legacy_h5_format.py`).
///
/// The group has the attributes `layer_names`, `backend`, `keras_version`; each layer is a group with `weight_names`, and
/// its tensors are the datasets `<layer>/<layer>/kernel:0` and so on. Ours lie in memory as Keras's do:
/// convolution `[height, width, in, out]`, linear `[in, out]`.
struct KerasLayout {
  private let layers: [(name: String, tensors: [(weightName: String, tensor: Tensor)])]
  private let group: String

  /// Lays out layers under a group, `/` or such as `/model_weights`.
  init(_ layers: [LayerWeights], under group: String) {
    self.group = group
    self.layers = layers.map { layer in
      (layer.name, layer.tensors.map { (Self.weightName(layer.name, $0.kind), $0.tensor) })
    }
  }

  /// Where the values of a parameter lie under the group.
  static func datasetPath(of parameter: ParameterName) -> String {
    parameter.layer + "/" + weightName(parameter.layer, parameter.kind)
  }

  /// The datasets with their values.
  var datasets: [HDF5Writer.Values] {
    layers.flatMap { layer in
      layer.tensors.map { $0.tensor.dataset(at: (group == "/" ? "" : group) + "/" + layer.name + "/" + $0.weightName) }
    }
  }

  /// Writes the groups and attributes.
  func writeStructure(to file: borrowing HDF5File) throws(HDF5Error) {
    if group != "/" { try file.createGroup(group) }
    let root = try file.group(group)
    try root.setStrings("layer_names", to: layers.map(\.name))
    try root.setAttribute("backend", to: "tensorflow", fixedLength: true)
    try root.setAttribute("keras_version", to: "2.15.0", fixedLength: true)
    for layer in layers {
      // A layer `a/b` may lie in the group of a layer `a`.
      if !root.exists(layer.name) { try root.createGroup(layer.name) }
      try root.group(layer.name).setStrings("weight_names", to: layer.tensors.map(\.weightName))
    }
  }

  private static func weightName(_ layer: String, _ kind: String) -> String {
    "\(layer)/\(TensorRole(rawValue: kind)?.kerasName ?? kind):0"
  }

  /// The group that has the layers: a file of weights has them at the root, one of a model in `/model_weights`.
  static func groupPath(in file: borrowing HDF5File) throws(HDF5Error) -> String? {
    for path in ["/", "/model_weights"] where file.child(path) == .group {
      let group = try file.group(path)
      if group.hasAttribute("layer_names") || group.hasAttribute("layer_names0") { return path }
    }
    return nil
  }
}

/// Lists of strings that may be too long for one attribute.
extension HDF5Object where Self: ~Copyable {
  /// Sets a list of strings; one over 64,512 bytes is split into `name0`, `name1` …
  func setStrings(_ name: String, to strings: [String]) throws(HDF5Error) {
    let limit = 64_512
    let width = max(1, strings.map(\.utf8.count).max() ?? 1)
    let perAttribute = max(1, limit / width)
    if strings.count <= perAttribute { return try setAttribute(name, to: strings, fixedLength: true) }
    for (index, start) in stride(from: 0, to: strings.count, by: perAttribute).enumerated() {
      let part = Array(strings[start..<min(start + perAttribute, strings.count)])
      try setAttribute("\(name)\(index)", to: part, fixedLength: true)
    }
  }

  /// A list of strings, whole or split; `nil` where there is none.
  func stringsIfAny(_ name: String) throws(HDF5Error) -> [String]? {
    if hasAttribute(name) { return try strings(ofAttribute: name) }
    guard hasAttribute(name + "0") else { return nil }
    var strings: [String] = []
    var index = 0
    while hasAttribute("\(name)\(index)") {
      strings += try self.strings(ofAttribute: "\(name)\(index)")
      index += 1
    }
    return strings
  }
}
