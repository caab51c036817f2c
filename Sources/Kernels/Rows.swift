import CKernels
package import Tensors

/// Kernels over the rows of `[rows, channels]`.
package enum Rows {
  /// x += bias in every row; bias `[channels]`.
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

  /// The sum of all rows, `[channels]`, in double and in a fixed order.
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

  /// [x; factor·y]: `[a, channels]` and `[b, channels]` → `[a + b, channels]`.
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

  /// Adds the rows of `partials` to `result`, in order; a row has as many elements as `result`.
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

  /// The rows of `[rows, columns]` in another order: row i of the result is row `order[i]` of `x`.
  package static func gathered(_ x: Tensor, order: [Int]) -> Tensor {
    let columns = x.shape[1]
    var result = Tensor(uninitialized: [order.count, columns])
    x.withUnsafePointer { source in
      result.withUnsafeMutablePointer { target in
        for (row, from) in order.enumerated() {
          precondition(from >= 0 && from < x.shape[0], "gathered: row \(from) of \(x.shape)")
          (target + row * columns).update(from: source + from * columns, count: columns)
        }
      }
    }
    return result
  }
}
