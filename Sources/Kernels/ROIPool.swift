package import Tensors

/// A region of one image of a batch.
package struct Region: Sendable, Equatable {
  /// The index of the image in the batch.
  package var image: Int
  /// Corners in image pixels, the second one inclusive; `nil` is the exact extent of the feature map.
  package var box: Box?

  package init(image: Int, box: Box? = nil) {
    self.image = image
    self.box = box
  }
}

/// Region-of-interest pooling to a fixed grid of bins (Girshick, Fast R-CNN, 2015), with Caffe's arithmetic
/// (caffe-fast-rcnn, `roi_pooling_layer.cu`).
///
/// Corners times `spatialScale` are rounded, halves away from zero; the region's extent is max(end − start + 1, 1)
/// cells; bin p covers floor(p·bin) … ceil((p + 1)·bin) cells from the start, in Float, clipped to the map. Bins may
/// overlap. An empty bin gives 0 and passes no gradient. A malformed region (end < start) is pooled as one cell wide or
/// high and passes no gradient; a region outside the image has only empty bins.
package struct ROIPool: Sendable, Equatable {
  package let height: Int
  package let width: Int

  package init(height: Int, width: Int) {
    precondition(height > 0 && width > 0, "ROIPool: a grid of \(height) × \(width)")
    self.height = height
    self.width = width
  }

  /// The maxima of each region, `[regions · height · width, channels]`; `spatialScale` is in cells a pixel.
  package func forward(_ x: Tensor, _ extents: Extents, regions: [Region], spatialScale: Float) -> PooledMaxima {
    let spans = regions.map { region in
      precondition(
        region.image >= 0 && region.image < extents.count, "ROIPool: image \(region.image) of \(extents.count)")
      let map = extents.maps[region.image]
      guard let box = region.box else {
        return PoolingSpans(
          map: region.image, rows: bins(height, start: 0, size: map.height, limit: map.height),
          columns: bins(width, start: 0, size: map.width, limit: map.width))
      }
      let (left, right) = (cell(box.x1 * spatialScale), cell(box.x2 * spatialScale))
      let (top, bottom) = (cell(box.y1 * spatialScale), cell(box.y2 * spatialScale))
      return PoolingSpans(
        map: region.image, rows: bins(height, start: top, size: max(bottom - top + 1, 1), limit: map.height),
        columns: bins(width, start: left, size: max(right - left + 1, 1), limit: map.width),
        hasGradient: right >= left && bottom >= top)
    }
    return PooledMaxima(x, extents, spans)
  }

  /// The nearest cell, halves away from zero; far-off coordinates are held within what an Int32 holds.
  private func cell(_ coordinate: Float) -> Int {
    Int(max(-1e9, min(1e9, coordinate.rounded())))
  }

  private func bins(_ count: Int, start: Int, size: Int, limit: Int) -> [Range<Int>] {
    let bin = Float(size) / Float(count)
    return (0..<count).map { p in
      let low = min(max(start + Int((Float(p) * bin).rounded(.down)), 0), limit)
      let high = min(max(start + Int((Float(p + 1) * bin).rounded(.up)), 0), limit)
      return low..<max(low, high)
    }
  }
}
