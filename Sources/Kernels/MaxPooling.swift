package import Tensors

/// Max pooling over windows of `size`² positions, `stride` apart, with `padding` empty positions on each side.
///
/// Output extent: floor((extent + 2·padding − size) / stride) + 1, as in torch and Keras.
package struct MaxPooling: Sendable, Equatable {
  /// The side of the window, in positions.
  package let size: Int
  /// The distance of two windows, in positions.
  package let stride: Int
  /// Empty positions on each side; they never are the maximum.
  package let padding: Int

  /// Max pooling; traps unless size and stride are positive and 2·padding ≤ size.
  package init(size: Int, stride: Int, padding: Int = 0) {
    precondition(
      size > 0 && stride > 0 && padding >= 0 && 2 * padding <= size,
      "MaxPooling: size \(size), stride \(stride), padding \(padding)")
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// The output extent of a map; 0 if the padded map is smaller than the window.
  package func output(of map: Extent) -> Extent {
    func extent(_ extent: Int) -> Int {
      let free = extent + 2 * padding - size
      return free < 0 ? 0 : free / stride + 1
    }
    return Extent(height: extent(map.height), width: extent(map.width))
  }

  /// The output extents of a batch.
  package func output(of extents: Extents) -> Extents { Extents(extents.maps.map { output(of: $0) }) }

  /// The maxima of `x`, `[positions, channels]`; traps if a padded map is smaller than the window.
  package func forward(_ x: Tensor, _ extents: Extents) -> PooledMaxima {
    let spans = extents.maps.indices.map { map in
      let (input, output) = (extents.maps[map], output(of: extents.maps[map]))
      precondition(output.area > 0, "MaxPooling: a map of \(input) is smaller than the window of \(size)")
      func ranges(_ count: Int, _ extent: Int) -> [Range<Int>] {
        (0..<count).map { max(0, $0 * stride - padding)..<min(extent, $0 * stride - padding + size) }
      }
      return PoolingSpans(
        map: map, rows: ranges(output.height, input.height), columns: ranges(output.width, input.width))
    }
    return PooledMaxima(x, extents, spans)
  }
}
