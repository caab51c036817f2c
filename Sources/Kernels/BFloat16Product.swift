import CKernels
import COneDNN
import Tensors

/// Matrix products of factors rounded to bfloat16, with sums in float32.
///
/// Both factors are rounded while they are in cache: a weight is stored in float32 only and read once. Block sizes and the
/// order of the sums follow from the shapes.
enum BFloat16Product {
  /// Largest block of the result that one tile computes.
  private static let (mostRows, mostColumns) = (256, 1024)
  /// Least number of tiles of a large product: if its result has fewer blocks, its depth is split too.
  private static let leastBlocks = 16
  /// AMX only if oneDNN uses it, so that `ONEDNN_MAX_CPU_ISA` limits these kernels too.
  private static let instructions = Int32(onednn_has_amx() != 0 ? kernel_bfloat16_best : kernel_bfloat16_avx512)

  /// result (+)= a·b, one factor transposed if asked; partial sums over runs of the depth are added in order.
  static func multiply(
    _ a: Tensor, _ b: Tensor, _ transposed: Product.Transposed, into result: inout Tensor, accumulate: Bool
  ) {
    let (first, second) = (transposed == .first, transposed == .second)
    let (m, k) = first ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let n = second ? b.shape[0] : b.shape[1]
    let (aStride, bStride) = (a.shape[1], b.shape[1])
    let (rows, columns) = (min(m, mostRows), min(n, mostColumns))
    let (rowBlocks, columnBlocks) = (blocks(m, rows), blocks(n, columns))
    let chunk = Int(kernel_bfloat16_chunk)
    let depth = blocks(blocks(k, max(1, leastBlocks / (rowBlocks * columnBlocks))), chunk) * chunk
    let groups = blocks(k, depth)
    func multiply(into partials: UnsafeMutablePointer<Float>, accumulate: Bool) {
      a.withUnsafePointer { a in
        b.withUnsafePointer { b in
          ThreadPool.current.parallel(groups * rowBlocks * columnBlocks) { index in
            let (group, block) = (index / (rowBlocks * columnBlocks), index % (rowBlocks * columnBlocks))
            let (row, column) = (block / columnBlocks * rows, block % columnBlocks * columns)
            let (start, deep) = (group * depth, min(depth, k - group * depth))
            let (height, width) = (min(rows, m - row), min(columns, n - column))
            let scratch = Int(kernel_bfloat16_scratch)
            withNumbers(scratch + numbers(height, deep)) { memory in
              kernel_bfloat16_rows(
                a + (first ? start * aStride + row : row * aStride + start), Int64(aStride), first ? 1 : 0,
                Int64(height), Int64(deep), memory + scratch)
              kernel_bfloat16_product(
                memory + scratch, Int64(deep), b + (second ? column * bStride + start : start * bStride + column),
                Int64(bStride), second ? 1 : 0, Int64(height), Int64(width), accumulate ? 1 : 0,
                partials + (group * m + row) * n + column, Int64(n), memory, instructions)
            }
          }
        }
      }
    }
    if groups == 1 {
      result.withUnsafeMutablePointer { multiply(into: $0, accumulate: accumulate) }
    } else {
      var partials = Tensor(uninitialized: [groups, m, n])
      partials.withUnsafeMutablePointer { multiply(into: $0, accumulate: false) }
      if !accumulate { result = Tensor(zeros: result.shape) }
      Rows.sum(partials, into: &result)
    }
  }

  /// One update with the gradient aᵀ·b, for a `[k, m]` and b `[k, n]`; the gradient is never stored.
  static func update(_ a: Tensor, _ b: Tensor, by rule: kernel_rule, to place: FusedUpdate.Place) {
    let (k, m, n) = (a.shape[0], a.shape[1], b.shape[1])
    let panel = Int(kernel_panel)
    a.withUnsafePointer { a in
      b.withUnsafePointer { b in
        withNumbers(numbers(blocks(n, panel) * panel, k)) { right in
          ThreadPool.current.parallel(blocks(n, panel)) { index in
            let column = index * panel
            kernel_bfloat16_columns(
              b + column, Int64(n), 0, Int64(k), Int64(min(panel, n - column)), right + numbers(column, k))
          }
          Tiling.ranges(of: m, each: max(16, (1 << 18) / n / 16 * 16)) { range in
            withNumbers(numbers(range.count, k)) { left in
              kernel_bfloat16_rows(a + range.lowerBound, Int64(m), 1, Int64(range.count), Int64(k), left)
              let rows = place + range.lowerBound * n
              withUnsafePointer(to: rule) {
                kernel_bfloat16_update(
                  left, right, Int64(k), Int64(range.count), Int64(n), rows.w, rows.first, rows.second, $0,
                  instructions)
              }
            }
          }
        }
      }
    }
  }

  private static func blocks(_ count: Int, _ each: Int) -> Int { (count + each - 1) / each }

  /// The number of elements of a factor in tiles, padding included.
  private static func numbers(_ rows: Int, _ depth: Int) -> Int {
    let deep = Int(kernel_bfloat16_depth)
    return blocks(rows, 16) * 16 * blocks(depth, deep) * deep
  }

  private static func withNumbers(_ count: Int, _ body: (UnsafeMutablePointer<UInt16>) -> Void) {
    withUnsafeTemporaryAllocation(byteCount: 2 * count, alignment: 64) { memory in
      guard let base = memory.baseAddress else { return }
      body(base.bindMemory(to: UInt16.self, capacity: count))
    }
  }
}
