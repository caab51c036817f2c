package import Tensors

/// Concatenation of tensors along their last dimension, and the gradient of each.
package enum Concatenation {
  /// `[rows, a]`, `[rows, b]`, … → `[rows, a + b + …]`.
  package static func forward(_ parts: [Tensor]) -> Tensor {
    let rows = parts.first?.shape[0] ?? 0
    precondition(
      parts.allSatisfy { $0.shape.count == 2 && $0.shape[0] == rows }, "concatenation: \(parts.map(\.shape))")
    let columns = parts.reduce(0) { $0 + $1.shape[1] }
    var result = Tensor(uninitialized: [rows, columns])
    result.withUnsafeMutablePointer { result in
      var start = 0
      for part in parts {
        copy(part, from: 0..<part.shape[1], rows: rows, to: result + start, columns: columns)
        start += part.shape[1]
      }
    }
    return result
  }

  /// The columns in a range, `[rows, range.count]`: one part of a concatenation.
  package static func columns(_ range: Range<Int>, of x: Tensor) -> Tensor {
    precondition(
      x.shape.count == 2 && range.lowerBound >= 0 && range.upperBound <= x.shape[1], "columns: \(range) of \(x.shape)")
    var result = Tensor(uninitialized: [x.shape[0], range.count])
    result.withUnsafeMutablePointer { result in
      copy(x, from: range, rows: x.shape[0], to: result, columns: range.count)
    }
    return result
  }

  /// Copies columns of `x` to the first columns of `target`, whose rows are `columns` wide.
  private static func copy(
    _ x: Tensor, from range: Range<Int>, rows: Int, to target: UnsafeMutablePointer<Float>, columns: Int
  ) {
    let width = x.shape[1]
    x.withUnsafePointer { x in
      Tiling.ranges(of: rows, each: Tiling.rows(ofChannels: range.count)) { tile in
        for row in tile {
          (target + row * columns).update(from: x + row * width + range.lowerBound, count: range.count)
        }
      }
    }
  }
}
