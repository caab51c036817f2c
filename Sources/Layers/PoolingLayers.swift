import Autodiff
package import Kernels

/// Maximum pooling of maps.
package struct MaximumPoolingLayer: Module {
  package let pooling: Kernels.MaximumPooling

  package init(_ pooling: Kernels.MaximumPooling) { self.pooling = pooling }

  package var title: String { "maximum pooling \(pooling.size) / \(pooling.stride)" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(let extent, let channels) = input, pooling.output(of: extent).cells > 0 else {
      throw ShapeError(name, gets: input, expected: "maps of at least \(pooling.size) × \(pooling.size) cells")
    }
    return .maps(pooling.output(of: extent), channels: channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .maps(pass.tape.maximumPooling(input.maps(pass), pooling))
  }
}

/// ROIPool: each region of the batch to one map of a fixed extent.
package struct ROIPoolLayer: Module {
  package let pool: Kernels.ROIPool

  package init(_ pool: Kernels.ROIPool) { self.pool = pool }

  package var title: String { "ROIPool to \(pool.height) × \(pool.width)" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .maps(Extent(height: pool.height, width: pool.width), channels: channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .maps(pass.tape.roiPool(input.maps(pass), regions: pass.regions, pool))
  }
}

/// Average pooling of maps.
package struct AveragePoolingLayer: Module {
  package let pooling: Kernels.AveragePooling

  package init(_ pooling: Kernels.AveragePooling) { self.pooling = pooling }

  package var title: String { "average pooling \(pooling.size) / \(pooling.stride)" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(let extent, let channels) = input, pooling.output(of: extent).cells > 0 else {
      throw ShapeError(name, gets: input, expected: "maps of at least \(pooling.size) × \(pooling.size) cells")
    }
    return .maps(pooling.output(of: extent), channels: channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .maps(pass.tape.averagePooling(input.maps(pass), pooling))
  }
}

/// Average and maximum over each map, each scaled to L2 length 1, side by side: rows of twice the channels.
///
/// The pooling of the Descriptor Aggregation Network (Wei, Zhang, Liu, Xie, Wu, Zhou 2016), on one map.
package struct AverageMaximumPoolingLayer: Module {
  package init() {}

  package var title: String { "average and maximum pooling" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .rows(2 * channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    let (maps, tape) = (input.maps(pass), pass.tape)
    return .rows(
      tape.joined(tape.unitRows(tape.globalAveragePooling(maps)), tape.unitRows(tape.globalMaximumPooling(maps))))
  }
}

/// Global average pooling: each map to one row of its channels.
package struct GlobalAveragePoolingLayer: Module {
  package init() {}

  package var title: String { "global average pooling" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .rows(channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal {
    .rows(pass.tape.globalAveragePooling(input.maps(pass)))
  }
}

/// Each map as one row in (y, x, channel) order, Keras's flatten order.
package struct FlattenLayer: Module {
  package init() {}

  package var title: String { "flatten" }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    guard case .maps(let extent, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .rows(extent.cells * channels)
  }

  package func forward(_ input: Signal, _ pass: Pass) -> Signal { .rows(pass.tape.flatten(input.maps(pass))) }
}
