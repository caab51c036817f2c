internal import Support

/// Caffe's BatchNorm and Scale, which are one normalization here.
extension WeightsFile {
  /// The layers that scale and shift and have no statistics, where no name or network says of which normalization they are.
  ///
  /// - Parameter layers: those that are looked at.
  private func looseScales(of layers: Set<String>) -> (normalizations: [LayerOutline], scales: [LayerOutline]) {
    guard format == .caffe else { return ([], []) }
    let outlines = outlines.filter { layers.contains($0.name) }
    func has(_ layer: LayerOutline, _ role: TensorRole) -> Bool {
      layer.tensors.contains { $0.kind == role.rawValue }
    }
    return (
      outlines.filter { has($0, .mean) && !has($0, .scale) }, outlines.filter { has($0, .scale) && !has($0, .mean) }
    )
  }

  /// The layers that may hold the scale of a normalization without one.
  func possibleScales(of layer: String) -> [String] {
    let (normalizations, scales) = looseScales(of: Set(layers))
    guard let own = normalizations.first(where: { $0.name == layer }) else { return [] }
    return scales.filter { $0.signature == own.signature }.map(\.name)
  }

  /// Throws where layers are to be written of which none knows whether one scales the other.
  func requireScales(of layers: [String]) throws(FileError) {
    let (normalizations, scales) = looseScales(of: Set(layers))
    for layer in normalizations {
      let same = scales.filter { $0.signature == layer.signature }.map(\.name)
      guard !same.isEmpty else { continue }
      throw FileError(
        what: "nothing tells whether the BatchNorm \(layer.name) is scaled by \(same.joined(separator: " or "))",
        path: path, expected: "Scale layers named as their BatchNorm with _scale behind it, or scale… for bn…",
        action: "convert the binary .caffemodel, which holds the network, or exclude these layers")
    }
  }
}
