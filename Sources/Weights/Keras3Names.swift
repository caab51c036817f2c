internal import HDF5

/// Names of layers in Keras 3's layout: full paths of models within models, from the attribute `name` of each `vars`, or from
/// the model's own configuration.
///
/// Keras numbers the layers of one class in a model in the model's order, so that the n-th group `dense…` is its n-th `Dense`.
struct Keras3Names {
  /// The names of one group.
  struct Name {
    /// The full path, such as `tower_a/dense`.
    var path: String
    /// The group's path without the containers, such as `functional/dense_1`.
    var group: String
    /// The class of the layer in Keras's spelling, such as `batch_normalization`.
    var stem: String
    /// Whether the layer itself has a name, which is not its number.
    var isOwn: Bool
    /// Whether its kernel is that of a depthwise convolution.
    var isDepthwise: Bool { stem == "depthwise_conv2d" }
    /// The layer in the model's configuration.
    var layer: KerasOutline.Layer?
    /// Its place in the model's order, from the outermost model on; `nil` if that is not known.
    var place: [Int]?
  }

  private let model: KerasOutline?
  /// The children of containers, by class, in natural order.
  private var children: [String: [String: [String]]] = [:]

  init(_ model: KerasOutline?) { self.model = model }

  /// The name of the layer whose tensors are in `/layers/…/vars`.
  mutating func name(of path: String, in file: borrowing HDF5File) throws(HDF5Error) -> Name {
    var name = Name(path: "", group: "", stem: "", isOwn: false, layer: nil, place: model == nil ? nil : [])
    var (container, place) = ("", "")
    var layers = model?.layers
    for component in path.split(separator: "/").dropLast() {
      container = place
      place += "/\(component)"
      if component == "layers" || component == "_layer_checkpoint_dependencies" { continue }
      let stem = Self.stem(of: String(component))
      let found = try index(of: String(component), stem, in: container, among: layers, file)
      let layer = found.flatMap { layers?[$0] }
      let own = try ownName(at: place, in: file) ?? layer?.name
      name.path += (name.path.isEmpty ? "" : "/") + (own ?? String(component))
      name.group += (name.group.isEmpty ? "" : "/") + component
      (name.stem, name.isOwn, name.layer) = (stem, own != nil, layer)
      name.place = found.flatMap { index in name.place.map { $0 + [index] } }
      layers = layer?.layers
    }
    return name
  }

  /// The attribute that later versions write.
  private func ownName(at path: String, in file: borrowing HDF5File) throws(HDF5Error) -> String? {
    guard file.child(path + "/vars") == .group else { return nil }
    let group = try file.group(path + "/vars")
    return group.hasAttribute("name") ? try group.string(ofAttribute: "name") : nil
  }

  /// The index in the configuration of the layer in a group.
  private mutating func index(
    of component: String, _ stem: String, in container: String, among layers: [KerasOutline.Layer]?,
    _ file: borrowing HDF5File
  ) throws(HDF5Error) -> Int? {
    guard let layers else { return nil }
    if children[container] == nil {
      let names = try file.group(container).children().filter { $0.kind == .group }.map(\.name)
      children[container] = Dictionary(grouping: names.sorted(by: isInNaturalOrder), by: Self.stem)
    }
    let groups = children[container]?[stem] ?? []
    let same = layers.indices.filter { layers[$0].group == stem }
    guard let position = groups.firstIndex(of: component) else { return nil }
    // Layers of one class are all there, or they are found by their numbers.
    if groups.count == same.count { return same[position] }
    let number = component == stem ? 0 : Int(component.dropFirst(stem.count + 1)) ?? -1
    return same.indices.contains(number) ? same[number] : nil
  }

  /// The class of a group: `dense` of `dense_1`.
  private static func stem(of component: String) -> String {
    guard let mark = component.lastIndex(of: "_"), mark != component.startIndex,
      component[component.index(after: mark)...].allSatisfy(\.isNumber), component.last != "_"
    else { return component }
    return String(component[..<mark])
  }
}
