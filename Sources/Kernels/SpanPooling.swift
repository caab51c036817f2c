import CKernels
package import Tensors

/// The spans of cells that each output cell of one pooled map takes its maximum over.
struct PoolingSpans: Sendable {
  /// The map that the spans lie in.
  let map: Int
  /// For each output row, the input rows; may be empty.
  let rows: [Range<Int>]
  /// For each output column, the input columns; may be empty.
  let columns: [Range<Int>]
  /// Whether the way back passes gradient on.
  var hasGradient = true
}

/// Maxima over spans of cells with their positions: maximum pooling and ROIPool are both of this kind.
///
/// Ties go to the first cell in row-major order (strict >). An empty span gives 0 and no position.
package struct PooledMaxima: Sendable {
  /// `[output cells, channels]`.
  package let output: Tensor
  /// For each output element the cell of its map, or −1.
  package let positions: [Int32]
  private let spans: [PoolingSpans]
  /// The first output cell of each.
  private let starts: [Int]

  init(_ x: Tensor, _ extents: Extents, _ spans: [PoolingSpans]) {
    let channels = x.shape[1]
    var starts = [0]
    for span in spans { starts.append(starts.last! + span.rows.count * span.columns.count) }
    let cells = starts.last!
    var output = Tensor(uninitialized: [cells, channels])
    positions = [Int32](unsafeUninitializedCapacity: cells * channels) { positions, initialized in
      initialized = cells * channels
      guard initialized > 0 else { return }
      let argmax = positions.baseAddress!
      x.withUnsafePointer { x in
        output.withUnsafeMutablePointer { output in
          ThreadPool.current.parallel(spans.count) { index in
            let span = spans[index]
            let map = x + extents.starts[span.map] * channels
            let width = Int64(extents.maps[span.map].width)
            var cell = starts[index] * channels
            for rows in span.rows {
              for columns in span.columns {
                kernel_span_maximum(
                  map, width, Int64(channels), Int64(rows.lowerBound), Int64(rows.upperBound),
                  Int64(columns.lowerBound), Int64(columns.upperBound), output + cell, argmax + cell)
                cell += channels
              }
            }
          }
        }
      }
    }
    (self.output, self.spans, self.starts) = (output, spans, starts)
  }

  /// Channels that a thread takes at a time on the way back.
  private static let slice = 256

  /// Adds each output's gradient to the cell that it came from; overlapping spans accumulate in the order of the
  /// outputs, so the sum is the same on any number of threads.
  package func inputGradient(_ gradient: Tensor, _ extents: Extents) -> Tensor {
    let channels = gradient.shape[1]
    var result = Tensor(uninitialized: [extents.cells, channels])
    var ofMap = [[Int]](repeating: [], count: extents.count)
    for index in spans.indices where spans[index].hasGradient { ofMap[spans[index].map].append(index) }
    let slices = (channels + Self.slice - 1) / Self.slice
    gradient.withUnsafePointer { dy in
      positions.withUnsafeBufferPointer { positions in
        result.withUnsafeMutablePointer { dx in
          // Neither maps nor channels share cells of the result.
          ThreadPool.current.parallel(extents.count * slices) { tile in
            let (map, first) = (tile / slices, tile % slices * Self.slice)
            let width = Int64(extents.maps[map].width)
            let end = min(first + Self.slice, channels)
            let dx = dx + extents.starts[map] * channels
            for cell in 0..<extents.maps[map].cells {
              (dx + cell * channels + first).update(repeating: 0, count: end - first)
            }
            for index in ofMap[map] {
              guard let positions = positions.baseAddress else { continue }
              var cell = starts[index] * channels
              for rows in spans[index].rows {
                for columns in spans[index].columns {
                  kernel_span_gradient(
                    dy + cell, positions + cell, dx, width, Int64(channels), Int64(rows.lowerBound),
                    Int64(rows.upperBound), Int64(columns.lowerBound), Int64(columns.upperBound), Int64(first),
                    Int64(end))
                  cell += channels
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}

/// Maximum pooling over windows of `size`² cells every `stride` cells, after `padding` empty cells on each side.
///
/// Output extent: floor((extent + 2·padding − size) / stride) + 1, as in torch and Keras.
package struct MaximumPooling: Sendable, Equatable {
  package let size: Int
  package let stride: Int
  package let padding: Int

  package init(size: Int, stride: Int, padding: Int = 0) {
    precondition(size > 0 && stride > 0 && padding >= 0 && 2 * padding <= size, "MaximumPooling: extents")
    self.size = size
    self.stride = stride
    self.padding = padding
  }

  /// The extent of a map's output; zero where the map is smaller than the window.
  package func output(of map: Extent) -> Extent {
    func extent(_ extent: Int) -> Int {
      let free = extent + 2 * padding - size
      return free < 0 ? 0 : free / stride + 1
    }
    return Extent(height: extent(map.height), width: extent(map.width))
  }

  package func output(of extents: Extents) -> Extents { Extents(extents.maps.map { output(of: $0) }) }

  /// The maxima of `x`, `[cells, channels]`.
  package func forward(_ x: Tensor, _ extents: Extents) -> PooledMaxima {
    let spans = extents.maps.indices.map { map in
      let (input, output) = (extents.maps[map], output(of: extents.maps[map]))
      precondition(output.cells > 0, "MaximumPooling: a map of \(input) is smaller than the window of \(size)")
      func ranges(_ count: Int, _ extent: Int) -> [Range<Int>] {
        (0..<count).map { max(0, $0 * stride - padding)..<min(extent, $0 * stride - padding + size) }
      }
      return PoolingSpans(
        map: map, rows: ranges(output.height, input.height), columns: ranges(output.width, input.width))
    }
    return PooledMaxima(x, extents, spans)
  }
}
