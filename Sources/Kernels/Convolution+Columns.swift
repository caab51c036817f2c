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
    var result = Tensor(uninitialized: [outputs.positionCount, window.kernel.area * inputs])
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { columns in
        ThreadPool.current.parallel(extents.count) { map in
          eachPlace(of: map, extents, outputs) { place, position in
            let target = columns + place * inputs
            if let position {
              target.update(from: x + position * inputs, count: inputs)
            } else {
              target.update(repeating: 0, count: inputs)
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
    var result = Tensor(zeros: [extents.positionCount, inputs])
    columns.withUnsafePointer { columns in
      result.withUnsafeMutablePointer { dx in
        // A whole map on one thread, as its outputs add to the same positions.
        ThreadPool.current.parallel(extents.count) { map in
          eachPlace(of: map, extents, outputs) { place, position in
            guard let position else { return }
            kernel_add_scaled(1, columns + place * inputs, dx + position * inputs, Int64(inputs))
          }
        }
      }
    }
    return result
  }

  /// Calls `body` for each output position of a map and each position of the kernel, in that order: with the place among the
  /// columns and the input position there, `nil` in the padding.
  private func eachPlace(
    of map: Int, _ extents: Extents, _ outputs: Extents, _ body: (_ place: Int, _ position: Int?) -> Void
  ) {
    let (extent, output, kernel) = (extents.maps[map], outputs.maps[map], window.kernel)
    var place = outputs.starts[map] * kernel.area
    for position in 0..<output.area {
      let (row, column) = position.quotientAndRemainder(dividingBy: output.width)
      for tap in 0..<kernel.area {
        let (ky, kx) = tap.quotientAndRemainder(dividingBy: kernel.width)
        let y = row * window.stride - window.padding.top + ky * window.dilation
        let x = column * window.stride - window.padding.left + kx * window.dilation
        let isOnMap = y >= 0 && y < extent.height && x >= 0 && x < extent.width
        body(place, isOnMap ? extents.starts[map] + y * extent.width + x : nil)
        place += 1
      }
    }
  }
}
