import CKernels
package import Tensors

/// The spans of positions whose maxima are the outputs of one pooled map.
struct PoolingSpans: Sendable {
  /// The index of the input map.
  let map: Int
  /// The input rows of each output row; may be empty.
  let rows: [Range<Int>]
  /// The input columns of each output column; may be empty.
  let columns: [Range<Int>]
  /// Whether the backward pass hands on a gradient.
  var hasGradient = true
}

/// Maxima over spans of positions, with their argmax: the result of max pooling and of ROIPool.
///
/// Of equal values the first in row-major order wins (strict >). An empty span gives 0 and no argmax.
package struct PooledMaxima: Sendable {
  /// The maxima, `[output positions, channels]`.
  package let output: Tensor
  /// For each output element the position within its map that has the maximum, or −1.
  package let argmax: [Int32]
  private let spans: [PoolingSpans]
  /// The first output position of each.
  private let starts: [Int]

  init(_ x: Tensor, _ extents: Extents, _ spans: [PoolingSpans]) {
    let channels = x.shape[1]
    var starts = [0]
    for span in spans { starts.append(starts.last! + span.rows.count * span.columns.count) }
    let count = starts.last!
    var output = Tensor(uninitialized: [count, channels])
    argmax = [Int32](unsafeUninitializedCapacity: count * channels) { indices, initialized in
      initialized = count * channels
      guard initialized > 0 else { return }
      let argmax = indices.baseAddress!
      x.withUnsafePointer { x in
        output.withUnsafeMutablePointer { output in
          ThreadPool.current.parallel(spans.count) { index in
            let span = spans[index]
            let map = x + extents.starts[span.map] * channels
            let width = Int64(extents.maps[span.map].width)
            var offset = starts[index] * channels
            for rows in span.rows {
              for columns in span.columns {
                kernel_span_maximum(
                  map, width, Int64(channels), Int64(rows.lowerBound), Int64(rows.upperBound),
                  Int64(columns.lowerBound), Int64(columns.upperBound), output + offset, argmax + offset)
                offset += channels
              }
            }
          }
        }
      }
    }
    (self.output, self.spans, self.starts) = (output, spans, starts)
  }

  /// Channels per tile of the backward pass.
  private static let slice = 256

  /// dx, `[positions, channels]`: adds each output's gradient to the position of its maximum.
  ///
  /// Overlapping spans accumulate in the order of the outputs: the sum is bit-for-bit identical on any number of threads.
  package func inputGradient(_ gradient: Tensor, _ extents: Extents) -> Tensor {
    let channels = gradient.shape[1]
    var result = Tensor(uninitialized: [extents.positionCount, channels])
    var ofMap = [[Int]](repeating: [], count: extents.count)
    for index in spans.indices where spans[index].hasGradient { ofMap[spans[index].map].append(index) }
    let slices = (channels + Self.slice - 1) / Self.slice
    gradient.withUnsafePointer { dy in
      argmax.withUnsafeBufferPointer { argmax in
        result.withUnsafeMutablePointer { dx in
          // Tiles write to different maps or channels.
          ThreadPool.current.parallel(extents.count * slices) { tile in
            let (map, first) = (tile / slices, tile % slices * Self.slice)
            let width = Int64(extents.maps[map].width)
            let end = min(first + Self.slice, channels)
            let dx = dx + extents.starts[map] * channels
            for position in 0..<extents.maps[map].area {
              (dx + position * channels + first).update(repeating: 0, count: end - first)
            }
            for index in ofMap[map] {
              guard let argmax = argmax.baseAddress else { continue }
              var output = starts[index] * channels
              for rows in spans[index].rows {
                for columns in spans[index].columns {
                  kernel_span_gradient(
                    dy + output, argmax + output, dx, width, Int64(channels), Int64(rows.lowerBound),
                    Int64(rows.upperBound), Int64(columns.lowerBound), Int64(columns.upperBound), Int64(first),
                    Int64(end))
                  output += channels
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
