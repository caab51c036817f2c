internal import Dispatch
internal import Kernels
internal import Tensors

/// Times ROIPool forward and backward on one random map.
package struct ROIPoolBenchmark: Sendable {
  /// The number of regions.
  package var regions: Int

  /// A benchmark of a number of regions.
  package init(regions: Int) { self.regions = regions }

  /// The milliseconds of each round.
  ///
  /// The map is 38 × 50 × 512, the grid 7 × 7, corners are uniform in 300 × 300 pixels, the spatial scale is 1/16.
  package func run(rounds: Int, warmup: Int = 5) -> (forward: [Double], backward: [Double]) {
    var stream = RandomStream(seed: 1)
    let extents = Extents(count: 1, height: 38, width: 50)
    let x = stream.normal([extents.positionCount, 512])
    let boxes = (0..<regions).map { _ in
      let (x, y) = (
        [0, 0].map { _ in Float(stream.uniform() * 300) }, [0, 0].map { _ in Float(stream.uniform() * 300) }
      )
      return Region(
        image: 0, box: .init(x1: min(x[0], x[1]), y1: min(y[0], y[1]), x2: max(x[0], x[1]), y2: max(y[0], y[1])))
    }
    let gradient = stream.normal([regions * 49, 512])
    let pool = ROIPool(height: 7, width: 7)
    var times: (forward: [Double], backward: [Double]) = ([], [])
    for round in 0..<warmup + rounds {
      let start = DispatchTime.now().uptimeNanoseconds
      let maxima = pool.forward(x, extents, regions: boxes, spatialScale: 1 / 16)
      let middle = DispatchTime.now().uptimeNanoseconds
      _ = maxima.inputGradient(gradient, extents)
      let end = DispatchTime.now().uptimeNanoseconds
      guard round >= warmup else { continue }
      times.forward.append(Double(middle - start) * 1e-6)
      times.backward.append(Double(end - middle) * 1e-6)
    }
    return times
  }
}
