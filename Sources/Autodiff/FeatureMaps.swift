package import Kernels
import Tensors

/// A batch of images or feature maps, which may differ in extent.
package struct FeatureMaps {
  /// The values, `[positions, channels]`: one map after another, each in row-major order.
  package let variable: Variable
  /// The extent of each map, in positions.
  package let extents: Extents
  /// Positions per image pixel: the product of 1 / stride over the layers before.
  package let spatialScale: Float

  /// Feature maps of these values; traps unless `variable` is `[extents.positionCount, channels]`.
  package init(_ variable: Variable, _ extents: Extents, spatialScale: Float = 1) {
    precondition(
      variable.value.shape.count == 2 && variable.value.shape[0] == extents.positionCount,
      "FeatureMaps: shape \(variable.value.shape) for \(extents.positionCount) positions")
    self.variable = variable
    self.extents = extents
    self.spatialScale = spatialScale
  }

  /// The number of channels, the same in every map.
  package var channels: Int { variable.value.shape[1] }
}
