package import Tensors

/// A region of one image of a batch, for `ROIPool`.
package struct Region: Sendable, Equatable {
  /// The index of the image (map) in the batch.
  package var image: Int
  /// Corners in image pixels, the second one inclusive; `nil` is the exact extent of the feature map.
  package var box: Box?

  /// A region; default box: the whole map.
  package init(image: Int, box: Box? = nil) {
    self.image = image
    self.box = box
  }
}

/// Region-of-interest pooling to a fixed grid of bins (Girshick, Fast R-CNN, 2015), max pooling in each bin.
///
/// Arithmetic as in Caffe (caffe-fast-rcnn, `roi_pooling_layer.cu`). Corners times `spatialScale` are rounded, halves away
/// from zero. The region is max(end − start + 1, 1) positions wide or high. Bin p covers floor(p·bin) … ceil((p + 1)·bin)
/// positions from the start, in Float, clipped to the map; bins may overlap. An empty bin gives 0 and passes no gradient. A
/// malformed region (end < start) is pooled as one position wide or high and passes no gradient. A region outside the image
/// has only empty bins.
package struct ROIPool: Sendable, Equatable {
  /// Rows of bins.
  package let height: Int
  /// Columns of bins.
  package let width: Int

  /// ROIPool to a grid of bins; traps unless both are positive.
  package init(height: Int, width: Int) {
    precondition(height > 0 && width > 0, "ROIPool: a grid of \(height) × \(width)")
    self.height = height
    self.width = width
  }

  /// The maxima of each bin of each region, `[regions · height · width, channels]`.
  ///
  /// - Parameter spatialScale: positions per image pixel, 1 / stride of the layers before.
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
      let (left, right) = (position(box.x1 * spatialScale), position(box.x2 * spatialScale))
      let (top, bottom) = (position(box.y1 * spatialScale), position(box.y2 * spatialScale))
      return PoolingSpans(
        map: region.image, rows: bins(height, start: top, size: max(bottom - top + 1, 1), limit: map.height),
        columns: bins(width, start: left, size: max(right - left + 1, 1), limit: map.width),
        hasGradient: right >= left && bottom >= top)
    }
    return PooledMaxima(x, extents, spans)
  }

  /// The nearest position, halves away from zero; clamped to what an Int32 holds.
  private func position(_ coordinate: Float) -> Int {
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
