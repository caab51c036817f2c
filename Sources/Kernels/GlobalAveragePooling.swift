import CKernels
package import Tensors

/// Global average pooling (Lin, Chen, Yan, Network in Network, 2013): the mean over each map's positions.
package enum GlobalAveragePooling {
  /// The means: `[positions, channels]` → `[maps, channels]`.
  package static func forward(_ x: Tensor, _ extents: Extents) -> Tensor {
    let channels = x.shape[1]
    var result = Tensor(uninitialized: [extents.count, channels])
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { y in
        ThreadPool.current.parallel(extents.count) { map in
          let positions = extents.range(map)
          let row = y + map * channels
          kernel_column_sums(x + positions.lowerBound * channels, Int64(positions.count), Int64(channels), row)
          kernel_scale(1 / Float(positions.count), row, row, Int64(channels))
        }
      }
    }
    return result
  }

  /// dx: each of a map's n positions gets 1/n of the map's gradient.
  package static func inputGradient(_ gradient: Tensor, _ extents: Extents) -> Tensor {
    let channels = gradient.shape[1]
    var result = Tensor(uninitialized: [extents.positionCount, channels])
    gradient.withUnsafePointer { dy in
      result.withUnsafeMutablePointer { dx in
        ThreadPool.current.parallel(extents.count) { map in
          for position in extents.range(map) {
            kernel_scale(
              1 / Float(extents.maps[map].area), dy + map * channels, dx + position * channels, Int64(channels))
          }
        }
      }
    }
    return result
  }
}
