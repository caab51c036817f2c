import CKernels
package import Tensors

/// Kernels over rows `[rows, channels]`.
package enum Rows {
  /// x + bias in every row, in place.
  package static func add(bias: Tensor, to x: inout Tensor) {
    let channels = bias.count
    let rows = x.count / max(channels, 1)
    precondition(x.shape.last == channels, "add: bias \(bias.shape) to \(x.shape)")
    bias.withUnsafePointer { bias in
      x.withUnsafeMutablePointer { x in
        Tiling.ranges(of: rows, each: Tiling.rows(ofChannels: channels)) { range in
          kernel_add_rows(bias, x + range.lowerBound * channels, Int64(range.count), Int64(channels))
        }
      }
    }
  }

  /// The sum of all rows, shape `[channels]`.
  package static func columnSums(_ x: Tensor) -> Tensor {
    let channels = x.shape.last ?? 1
    let rows = channels == 0 ? 0 : x.count / channels
    let sums = x.withUnsafePointer { x in
      Tiling.rowSums(rows: rows, channels: channels, outputs: channels) { range, partial in
        kernel_column_sums(x + range.lowerBound * channels, Int64(range.count), Int64(channels), partial)
      }
    }
    return Tensor(sums.map { Float($0) })
  }

  /// Adds the rows of `partials` into `result` in their order; `result` has as many elements as a row.
  static func sum(_ partials: Tensor, into result: inout Tensor) {
    let count = result.count
    let rows = count == 0 ? 0 : partials.count / count
    partials.withUnsafePointer { partials in
      result.withUnsafeMutablePointer { result in
        Tiling.ranges(of: count) { range in
          for row in 0..<rows {
            kernel_add_scaled(
              1, partials + row * count + range.lowerBound, result + range.lowerBound, Int64(range.count))
          }
        }
      }
    }
  }
}
