import CKernels
import Tensors

/// The convolution as a product of matrices: `[output positions, kh·kw·in]` by `[kh·kw·in, out]`.
///
/// Large weights over small maps, as at the end of a ResNet, are read once for a whole batch that way, not once for each
/// image; and the weight's gradient needs no partial sum, as large as the weight itself, for each tile of images.
extension Convolution {
  /// Maps of at most this many output positions, with weights of at least `largeWeight` elements, are multiplied as a whole.
  private static let smallMap = 64
  private static let largeWeight = 1 << 18
  /// The most elements of the columns that a weight's gradient is multiplied from.
  private static let mostColumns = 1 << 24

  /// Whether output and input gradient are products; decided by the maps alone, not by how many are in a batch.
  func isProduct(_ outputs: Extents, inputs: Int, channels: Int, _ precision: Precision) -> Bool {
    groups == 1 && precision == .float32 && window.kernel.area * inputs * channels >= Self.largeWeight
      && outputs.maps.allSatisfy { $0.area <= Self.smallMap }
  }

  /// Whether the weight's gradient is a product: few positions beside the size of the weight.
  func isWeightGradientProduct(_ outputs: Extents, inputs: Int, channels: Int, _ precision: Precision) -> Bool {
    let rows = window.kernel.area * inputs
    return groups == 1 && precision == .float32 && rows * channels >= Self.largeWeight
      && outputs.positionCount <= 2 * max(rows, channels) && outputs.positionCount * rows <= Self.mostColumns
  }

  /// Whether each output sees one position, so that the maps are their own columns.
  private var seesOnePosition: Bool {
    window.kernel.area == 1 && window.stride == 1 && window.padding == 0
  }

  /// `[output positions, kh·kw·in]`: what each output sees, with zeros for the padding.
  func columns(of x: Tensor, _ extents: Extents) -> Tensor {
    if seesOnePosition { return x }
    let (outputs, inputs) = (output(of: extents), x.shape[1])
    let width = window.kernel.area * inputs
    var result = Tensor(uninitialized: [outputs.positionCount, width])
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { columns in
        eachOutputRow(extents, outputs) { source, row, output in
          var column = columns + output.first * width
          for x0 in 0..<output.count {
            let left = x0 * window.stride - window.padding.left
            for ky in 0..<window.kernel.height {
              let y = row + ky * window.dilation
              for kx in 0..<window.kernel.width {
                let place = left + kx * window.dilation
                if source.map.contains(y, place) {
                  column.update(from: x + (source.first + y * source.map.width + place) * inputs, count: inputs)
                } else {
                  column.update(repeating: 0, count: inputs)
                }
                column += inputs
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The sum of the columns over all outputs that see a position, `[positions, in]`; the opposite of `columns(of:)`.
  func sum(ofColumns columns: Tensor, _ extents: Extents, inputs: Int) -> Tensor {
    if seesOnePosition { return columns }
    let outputs = output(of: extents)
    let width = window.kernel.area * inputs
    var result = Tensor(zeros: [extents.positionCount, inputs])
    columns.withUnsafePointer { columns in
      result.withUnsafeMutablePointer { dx in
        // The rows of one map follow each other on one thread, as they add to the same positions.
        ThreadPool.current.parallel(extents.count) { map in
          let (extent, output) = (extents.maps[map], outputs.maps[map])
          for position in 0..<output.area {
            let (y0, x0) = position.quotientAndRemainder(dividingBy: output.width)
            var column = columns + (outputs.starts[map] + position) * width
            for ky in 0..<window.kernel.height {
              let y = y0 * window.stride - window.padding.top + ky * window.dilation
              for kx in 0..<window.kernel.width {
                let place = x0 * window.stride - window.padding.left + kx * window.dilation
                if extent.contains(y, place) {
                  kernel_add_scaled(
                    1, column, dx + (extents.starts[map] + y * extent.width + place) * inputs, Int64(inputs))
                }
                column += inputs
              }
            }
          }
        }
      }
    }
    return result
  }

  /// Calls `body` for each row of each output map, in parallel: with the map and its first position, the row of the padded
  /// input where the window begins, and the row's first output position and their number.
  private func eachOutputRow(
    _ extents: Extents, _ outputs: Extents,
    _ body: ((map: Extent, first: Int), Int, (first: Int, count: Int)) -> Void
  ) {
    ThreadPool.current.parallel(extents.count) { map in
      let output = outputs.maps[map]
      for row in 0..<output.height {
        body(
          (extents.maps[map], extents.starts[map]), row * window.stride - window.padding.top,
          (outputs.starts[map] + row * output.width, output.width))
      }
    }
  }
}

extension Extent {
  /// Whether a position lies on the map.
  fileprivate func contains(_ y: Int, _ x: Int) -> Bool { y >= 0 && y < height && x >= 0 && x < width }
}
