package import Tensors

/// Max pooling over windows of `size`² positions, `stride` apart; positions of the padding never are the maximum.
package struct MaxPooling: Sendable, Equatable {
  /// Size, stride, padding and rounding.
  package let window: SlidingWindow

  /// Max pooling; traps unless size and stride are positive and no padding is above half the size.
  package init(size: Int, stride: Int, padding: Padding = 0, roundsUp: Bool = false) {
    precondition(padding.sides.allSatisfy { 2 * $0 <= size }, "MaxPooling: size \(size), padding \(padding.sides)")
    window = SlidingWindow(kernel: Extent(side: size), stride: stride, padding: padding, roundsUp: roundsUp)
  }

  /// The output extent of a map; 0 if the padded map is smaller than the window.
  package func output(of map: Extent) -> Extent { window.output(of: map) }

  /// The output extents of a batch; traps if a padded map is smaller than the window.
  package func output(of extents: Extents) -> Extents { window.output(of: extents) }

  /// The maxima of `x`, `[positions, channels]`; traps if a padded map is smaller than the window.
  package func forward(_ x: Tensor, _ extents: Extents) -> PooledMaxima {
    let spans = extents.maps.enumerated().map { map, extent in
      precondition(output(of: extent).area > 0, "MaxPooling: a map of \(extent) is smaller than the window \(window)")
      let spans = window.spans(over: extent)
      return PoolingSpans(map: map, rows: spans.rows, columns: spans.columns)
    }
    return PooledMaxima(x, extents, spans)
  }
}
