package import Kernels
import Tensors

/// A batch of images or feature maps, of any extents, as rows of channels.
package struct FeatureMaps {
  /// `[cells, channels]`, map after map, each in row-major order.
  package let cells: Variable
  package let extents: Extents
  /// Cells a pixel of the image: the product of 1 / stride of what came before.
  package let scale: Float

  package init(_ cells: Variable, _ extents: Extents, scale: Float = 1) {
    precondition(
      cells.value.shape.count == 2 && cells.value.shape[0] == extents.cells,
      "FeatureMaps: shape \(cells.value.shape) for \(extents.cells) cells")
    self.cells = cells
    self.extents = extents
    self.scale = scale
  }

  package var channels: Int { cells.value.shape[1] }
}
