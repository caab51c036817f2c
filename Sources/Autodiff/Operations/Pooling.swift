package import Kernels
import Tensors

extension Tape {
  /// Max pooling; the gradient of an output goes to the position of its maximum.
  package func maxPooling(_ x: FeatureMaps, _ pooling: Kernels.MaxPooling) -> FeatureMaps {
    let maxima = pooling.forward(x.variable.value, x.extents)
    return FeatureMaps(
      pooled(x, maxima), pooling.output(of: x.extents), spatialScale: x.spatialScale / Float(pooling.window.stride))
  }

  /// ROIPool: pools each region to one map `[h, w, C]`; the gradient goes to the position of each maximum.
  package func roiPool(_ x: FeatureMaps, regions: [Region], _ pool: Kernels.ROIPool) -> FeatureMaps {
    let maxima = pool.forward(x.variable.value, x.extents, regions: regions, spatialScale: x.spatialScale)
    return FeatureMaps(
      pooled(x, maxima), Extents(count: regions.count, height: pool.height, width: pool.width),
      spatialScale: x.spatialScale)
  }

  private func pooled(_ x: FeatureMaps, _ maxima: PooledMaxima) -> Variable {
    record(maxima.output, inputs: [x.variable]) { gradient, backward in
      backward.accumulate(maxima.inputGradient(gradient, x.extents), to: x.variable)
    }
  }

  /// The mean over each map's positions: maps `[N, H, W, C]` → features `[N, C]`.
  package func globalAveragePooling(_ x: FeatureMaps) -> Variable {
    record(GlobalAveragePooling.forward(x.variable.value, x.extents), inputs: [x.variable]) { gradient, backward in
      backward.accumulate(GlobalAveragePooling.inputGradient(gradient, x.extents), to: x.variable)
    }
  }

  /// The maximum over each map's positions: maps `[N, H, W, C]` → features `[N, C]`.
  ///
  /// The gradient goes to the first position that has the maximum.
  package func globalMaxPooling(_ x: FeatureMaps) -> Variable {
    let whole = x.extents.maps.indices.map { Region(image: $0) }
    return roiPool(x, regions: whole, Kernels.ROIPool(height: 1, width: 1)).variable
  }

  /// Average pooling; each position of a window gets an equal share of the window's gradient.
  package func averagePooling(_ x: FeatureMaps, _ pooling: Kernels.AveragePooling) -> FeatureMaps {
    let value = record(pooling.forward(x.variable.value, x.extents), inputs: [x.variable]) { gradient, backward in
      backward.accumulate(pooling.inputGradient(gradient, x.extents), to: x.variable)
    }
    return FeatureMaps(
      value, pooling.output(of: x.extents), spatialScale: x.spatialScale / Float(pooling.window.stride))
  }

  /// Maps `[N, H, W, C]` → features `[N, H·W·C]` in (y, x, channel) order; traps unless all maps have equal area.
  package func flatten(_ x: FeatureMaps) -> Variable {
    guard let area = x.extents.maps.first?.area, x.extents.maps.allSatisfy({ $0.area == area }) else {
      preconditionFailure("flatten: maps of different extents")
    }
    let value = x.variable.value.reshaped(to: [x.extents.count, area * x.channels])
    return record(value, inputs: [x.variable]) { gradient, backward in
      backward.accumulate(gradient.reshaped(to: x.variable.value.shape), to: x.variable)
    }
  }
}
