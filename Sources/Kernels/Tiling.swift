import Tensors

/// Splits work into tiles by its size alone.
enum Tiling {
  /// Elements per tile of an elementwise kernel: 64 KiB of Float.
  static let elements = 16_384

  /// Calls `body` with consecutive ranges of 0 ..< count, in parallel.
  static func ranges(of count: Int, each size: Int = elements, _ body: (Range<Int>) -> Void) {
    let tiles = (count + size - 1) / size
    ThreadPool.current.parallel(tiles) { tile in body(tile * size..<min(count, (tile + 1) * size)) }
  }

  /// Rows per tile of a kernel over rows of `channels` elements.
  static func rows(ofChannels channels: Int) -> Int { max(1, elements / max(channels, 1)) }

  /// Sums over rows: per tile in Float, then over the tiles in order, in double.
  ///
  /// - Parameter body: writes the `outputs` sums of a tile's rows to its second argument.
  /// - Returns: `outputs` totals.
  static func rowSums(
    rows: Int, channels: Int, outputs: Int, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) -> [Double] {
    let size = Self.rows(ofChannels: channels)
    let tiles = (rows + size - 1) / size
    var partials = [Float](repeating: 0, count: max(tiles, 1) * outputs)
    partials.withUnsafeMutableBufferPointer { partials in
      let base = partials.baseAddress!
      ThreadPool.current.parallel(tiles) { tile in
        body(tile * size..<min(rows, (tile + 1) * size), base + tile * outputs)
      }
    }
    var totals = [Double](repeating: 0, count: outputs)
    for tile in 0..<tiles {
      for output in 0..<outputs { totals[output] += Double(partials[tile * outputs + output]) }
    }
    return totals
  }
}
