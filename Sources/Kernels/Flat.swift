package import Tensors

/// Tensors as parts of a vector.
package enum Flat {
  /// The elements of all tensors, one after another.
  package static func joined(_ tensors: [Tensor]) -> Tensor {
    if tensors.count == 1 { return tensors[0].reshaped(to: [tensors[0].count]) }
    var result = Tensor(uninitialized: [tensors.reduce(0) { $0 + $1.count }])
    result.withUnsafeMutablePointer { result in
      var start = 0
      for tensor in tensors {
        let target = result + start
        tensor.withUnsafePointer { source in
          Tiling.ranges(of: tensor.count) {
            (target + $0.lowerBound).update(from: source + $0.lowerBound, count: $0.count)
          }
        }
        start += tensor.count
      }
    }
    return result
  }

  /// The tensor of a shape whose elements lie in another one from a position on.
  package static func part(of values: Tensor, from start: Int, _ shape: [Int]) -> Tensor {
    if start == 0, values.count == shape.reduce(1, *) { return values.reshaped(to: shape) }
    var result = Tensor(uninitialized: shape)
    let count = result.count
    precondition(start >= 0 && start + count <= values.count, "part: \(shape) from \(start) on of \(values.shape)")
    values.withUnsafePointer { source in
      result.withUnsafeMutablePointer { target in
        Tiling.ranges(of: count) {
          (target + $0.lowerBound).update(from: source + start + $0.lowerBound, count: $0.count)
        }
      }
    }
    return result
  }
}
