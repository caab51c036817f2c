internal import Kernels
package import Layers
internal import Support
package import Weights

extension WeightsFile {
  /// Opens the file of a configuration, in its layout and with its order of rows where these are given.
  ///
  /// - Throws: `FileError` where it is missing, damaged or in another layout.
  convenience init(opening weights: WeightsConfiguration) throws(FileError) {
    try self.init(opening: weights.from, as: weights.layout, flattenOrder: weights.flattenOrder)
  }
}

extension Network {
  /// By layer name, the flattened map that each linear layer after a flattening gets its rows from.
  ///
  /// - Throws: `ShapeError` where a layer does not fit an input of that shape.
  package func flattenedMaps(of input: SignalShape) throws(ShapeError) -> [String: FlattenedMap] {
    let shapes = try outputShapes(of: input)
    var maps: [String: FlattenedMap] = [:]
    var map: FlattenedMap?
    for (index, layer) in layers.enumerated() {
      if layer.module is FlattenLayer, case .maps(let extent, let channels) = index > 0 ? shapes[index - 1] : input {
        map = FlattenedMap(height: extent.height, width: extent.width, channels: channels)
      } else if layer.module is LinearLayer, let found = map {
        maps[layer.name] = found
        map = nil
      }
    }
    return maps
  }
}
