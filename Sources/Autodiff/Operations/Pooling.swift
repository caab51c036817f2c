package import Kernels
import Tensors

extension Tape {
  /// Maximum pooling; the gradient goes to the cell that won.
  package func maximumPooling(_ x: FeatureMaps, _ pooling: Kernels.MaximumPooling) -> FeatureMaps {
    let maxima = pooling.forward(x.cells.value, x.extents)
    return FeatureMaps(
      pooled(x, maxima), pooling.output(of: x.extents), scale: x.scale / Float(pooling.stride))
  }

  /// ROIPool: every region of every map to the same grid, one map a region; the gradient goes to the cell that won.
  package func roiPool(_ x: FeatureMaps, regions: [Region], _ pool: Kernels.ROIPool) -> FeatureMaps {
    let maxima = pool.forward(x.cells.value, x.extents, regions: regions, spatialScale: x.scale)
    return FeatureMaps(
      pooled(x, maxima), Extents(count: regions.count, height: pool.height, width: pool.width), scale: x.scale)
  }

  private func pooled(_ x: FeatureMaps, _ maxima: PooledMaxima) -> Variable {
    record(maxima.output, inputs: [x.cells]) { gradient, walk in
      walk.accumulate(maxima.inputGradient(gradient, x.extents), to: x.cells)
    }
  }

  /// The mean over each map's cells: maps → rows `[maps, channels]`.
  package func globalAveragePooling(_ x: FeatureMaps) -> Variable {
    record(GlobalAverage.forward(x.cells.value, x.extents), inputs: [x.cells]) { gradient, walk in
      walk.accumulate(GlobalAverage.inputGradient(gradient, x.extents), to: x.cells)
    }
  }

  /// The maximum over each map's cells: maps → rows `[maps, channels]`; the gradient goes to the first cell that won.
  package func globalMaximumPooling(_ x: FeatureMaps) -> Variable {
    let whole = x.extents.maps.indices.map { Region(image: $0) }
    return roiPool(x, regions: whole, Kernels.ROIPool(height: 1, width: 1)).cells
  }

  /// Average pooling; each cell of a window gets an equal share of its gradient.
  package func averagePooling(_ x: FeatureMaps, _ pooling: Kernels.AveragePooling) -> FeatureMaps {
    let value = record(pooling.forward(x.cells.value, x.extents), inputs: [x.cells]) { gradient, walk in
      walk.accumulate(pooling.inputGradient(gradient, x.extents), to: x.cells)
    }
    return FeatureMaps(value, pooling.output(of: x.extents), scale: x.scale / Float(pooling.stride))
  }

  /// Each map as one row in (y, x, channel) order; traps unless all maps have as many cells.
  package func flatten(_ x: FeatureMaps) -> Variable {
    guard let cells = x.extents.maps.first?.cells, x.extents.maps.allSatisfy({ $0.cells == cells }) else {
      preconditionFailure("flatten: maps of several extents")
    }
    let value = x.cells.value.reshaped(to: [x.extents.count, cells * x.channels])
    return record(value, inputs: [x.cells]) { gradient, walk in
      walk.accumulate(gradient.reshaped(to: x.cells.value.shape), to: x.cells)
    }
  }
}
