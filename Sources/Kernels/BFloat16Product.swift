import CKernels
import COneDNN
import Tensors

/// Products of factors rounded to bfloat16, with sums in float32.
///
/// A tile of the larger factor is rounded while it is in cache, so that a weight is read once and kept in float32 alone.
/// Tiles and the order of sums follow from the shapes.
enum BFloat16Product {
  /// Numbers of a tile: 1 MiB in bfloat16, 2 MiB in float32.
  private static let tile = 1 << 19
  /// Rows of a result that are made at once.
  private static let mostRows = 256

  /// result (+)= a·b for a `[m, k]` and b `[k, n]`: partial sums over runs of k, added in their order.
  static func multiply(_ a: Tensor, _ b: Tensor, into result: inout Tensor, accumulate: Bool) {
    let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
    let rows = min(m, mostRows)
    let columns = min(n, tile / rows)
    let depth = min(k, max(64, tile / columns / 32 * 32))
    let (rowBlocks, columnBlocks) = (blocks(m, rows), blocks(n, columns))
    let chunks = blocks(k, depth)
    let each = blocks(chunks, max(1, 8 / (rowBlocks * columnBlocks)))
    let groups = blocks(chunks, each)
    var partials = Tensor(uninitialized: [groups, m, n])
    a.withUnsafePointer { a in
      b.withUnsafePointer { b in
        partials.withUnsafeMutablePointer { partials in
          ThreadPool.shared.parallel(groups * rowBlocks * columnBlocks) { index in
            let (group, block) = (index / (rowBlocks * columnBlocks), index % (rowBlocks * columnBlocks))
            let (row, column) = (block / columnBlocks * rows, block % columnBlocks * columns)
            let (height, width) = (min(rows, m - row), min(columns, n - column))
            withScratch(height * depth, depth * width, height * width) { left, right, sum in
              let first = group * each * depth
              for start in stride(from: first, to: min(k, first + each * depth), by: depth) {
                let deep = min(depth, k - start)
                kernel_to_bfloat16(a + row * k + start, Int64(k), Int64(height), Int64(deep), left)
                kernel_to_bfloat16(b + start * n + column, Int64(n), Int64(deep), Int64(width), right)
                multiply(left, right, height, width, deep, accumulate: start > first, into: sum)
              }
              copy(sum, height, width, to: partials + (group * m + row) * n + column, stride: n, accumulate: false)
            }
          }
        }
      }
    }
    if groups == 1, !accumulate {
      result = partials.reshaped(to: result.shape)
    } else {
      if !accumulate { result = Tensor(zeros: result.shape) }
      Rows.sum(partials, into: &result)
    }
  }

  /// result (+)= a·bᵀ for a `[m, k]` and b `[n, k]`.
  static func multiply(_ a: Tensor, transposed b: Tensor, into result: inout Tensor, accumulate: Bool) {
    let (m, k, n) = (a.shape[0], a.shape[1], b.shape[0])
    let rows = min(m, mostRows)
    let columns = min(n, max(16, tile / k / 16 * 16))
    let (rowBlocks, columnBlocks) = (blocks(m, rows), blocks(n, columns))
    let rounded = Rounded(a)
    b.withUnsafePointer { b in
      result.withUnsafeMutablePointer { c in
        ThreadPool.shared.parallel(rowBlocks * columnBlocks) { index in
          let (row, column) = (index / columnBlocks * rows, index % columnBlocks * columns)
          let (height, width) = (min(rows, m - row), min(columns, n - column))
          withScratch(0, width * k, height * width) { _, right, sum in
            kernel_to_bfloat16(b + column * k, Int64(k), Int64(width), Int64(k), right)
            rounded.withPointer(row * k) { left in
              multiply(left, right, height, width, k, transposed: true, accumulate: false, into: sum)
            }
            copy(sum, height, width, to: c + row * n + column, stride: n, accumulate: accumulate)
          }
        }
      }
    }
  }

  /// aᵀ·b for a `[k, m]` and b `[k, n]`, so many rows at a time: `body` gets each run of rows and their part of the product.
  static func rows(
    ofTransposed a: Tensor, _ b: Tensor, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let (k, m, n) = (a.shape[0], a.shape[1], b.shape[1])
    let rounded = Rounded(b)
    a.withUnsafePointer { a in
      Tiling.ranges(of: m, each: max(16, tile / 2 / n / 16 * 16)) { range in
        withScratch(range.count * k, 0, range.count * n) { left, _, sum in
          kernel_transpose_to_bfloat16(a + range.lowerBound, Int64(m), Int64(k), Int64(range.count), left)
          rounded.withPointer(0) { right in
            multiply(left, right, range.count, n, k, accumulate: false, into: sum)
          }
          body(range, sum)
        }
      }
    }
  }

  /// result (+)= aᵀ·b.
  static func multiply(transposed a: Tensor, _ b: Tensor, into result: inout Tensor, accumulate: Bool) {
    let n = b.shape[1]
    result.withUnsafeMutablePointer { c in
      rows(ofTransposed: a, b) { range, product in
        copy(product, range.count, n, to: c + range.lowerBound * n, stride: n, accumulate: accumulate)
      }
    }
  }

  private static func blocks(_ count: Int, _ each: Int) -> Int { (count + each - 1) / each }

  private static func multiply(
    _ a: UnsafePointer<UInt16>, _ b: UnsafePointer<UInt16>, _ m: Int, _ n: Int, _ k: Int, transposed: Bool = false,
    accumulate: Bool, into c: UnsafeMutablePointer<Float>
  ) {
    let shape = onednn_product_shape(
      m: Int32(m), n: Int32(n), k: Int32(k), transpose_b: transposed ? 1 : 0, accumulate: accumulate ? 1 : 0)
    var status: Int32 = 0
    guard let plan = onednn_product_plan(shape, &status) else {
      fatalError("BFloat16Product: oneDNN \(OneDNN.version) has no plan for \(shape) (status \(status))")
    }
    check(onednn_multiply_bfloat16(plan, a, b, c))
  }

  private static func copy(
    _ x: UnsafePointer<Float>, _ rows: Int, _ columns: Int, to y: UnsafeMutablePointer<Float>, stride: Int,
    accumulate: Bool
  ) {
    for row in 0..<rows {
      if accumulate {
        kernel_add_scaled(1, x + row * columns, y + row * stride, Int64(columns))
      } else {
        (y + row * stride).update(from: x + row * columns, count: columns)
      }
    }
  }

  /// Room for two rounded factors and a product.
  private static func withScratch(
    _ left: Int, _ right: Int, _ product: Int,
    _ body: (UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let (start, end) = ((left + 31) / 32 * 32, (left + 31) / 32 * 32 + (right + 31) / 32 * 32)
    withUnsafeTemporaryAllocation(byteCount: 2 * end + 4 * product, alignment: 64) { memory in
      guard let base = memory.baseAddress else { return }
      let factors = base.bindMemory(to: UInt16.self, capacity: end)
      body(factors, factors + start, (base + 2 * end).bindMemory(to: Float.self, capacity: product))
    }
  }
}

/// A tensor's elements rounded to bfloat16.
struct Rounded: Sendable {
  /// Two elements in the room of each Float.
  private var storage: Tensor

  init(_ x: Tensor) {
    let count = x.count
    storage = Tensor(uninitialized: [(count + 1) / 2])
    x.withUnsafePointer { x in
      storage.withUnsafeMutablePointer { storage in
        let y = UnsafeMutableRawPointer(storage).assumingMemoryBound(to: UInt16.self)
        Tiling.ranges(of: count) { range in
          kernel_to_bfloat16(
            x + range.lowerBound, Int64(range.count), 1, Int64(range.count), y + range.lowerBound)
        }
      }
    }
  }

  /// The elements from a position on.
  func withPointer<Result>(_ position: Int, _ body: (UnsafePointer<UInt16>) -> Result) -> Result {
    storage.withUnsafePointer { body(UnsafeRawPointer($0).assumingMemoryBound(to: UInt16.self) + position) }
  }
}
