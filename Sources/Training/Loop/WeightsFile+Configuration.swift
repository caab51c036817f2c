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
    try self.init(opening: weights.from, as: weights.layout, flattenOrder: weights.flattenOrder)
  }
}

extension Network {
  /// By layer name, the flattened map that each linear layer after a flattening gets its rows from.
  ///
  /// - Throws: `ShapeError` where a layer does not fit an input of that shape.
  package func flattenedMaps(of input: ActivationShape) throws(ShapeError) -> [String: FlattenedMap] {
    var maps: [String: FlattenedMap] = [:]
    var map: FlattenedMap?
    for (layer, shapes) in zip(layers, try shapes(of: input)) {
      if layer.layer.flattensMaps, case .maps(let extent?, let channels) = shapes.input {
        map = FlattenedMap(height: extent.height, width: extent.width, channels: channels)
      } else if layer.layer is LinearLayer, let found = map {
        maps[layer.name] = found
        map = nil
      }
    }
    return maps
  }
}
