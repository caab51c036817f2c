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

  /// The rows of x and then those of y times a factor: `[a, channels]` and `[b, channels]` → `[a + b, channels]`.
  static func stacked(_ x: Tensor, _ y: Tensor, times factor: Float = 1) -> Tensor {
    precondition(x.shape[1] == y.shape[1], "stacked: \(x.shape) and \(y.shape)")
    var result = Tensor(uninitialized: [x.shape[0] + y.shape[0], x.shape[1]])
    let (first, second) = (x.count, y.count)
    result.withUnsafeMutablePointer { result in
      x.withUnsafePointer { x in
        Tiling.ranges(of: first) { (result + $0.lowerBound).update(from: x + $0.lowerBound, count: $0.count) }
      }
      y.withUnsafePointer { y in
        Tiling.ranges(of: second) {
          kernel_scale(factor, y + $0.lowerBound, result + first + $0.lowerBound, Int64($0.count))
        }
      }
    }
    return result
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
