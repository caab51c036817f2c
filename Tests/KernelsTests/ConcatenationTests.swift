import Kernels
import Tensors
import Testing

@Suite struct ConcatenationTests {
  /// Many rows, to copy several tiles; each element has a unique value.
  @Test(arguments: [[3], [1, 4, 2], [7, 0, 5]]) func columnsLieSideBySide(widths: [Int]) {
    let rows = 20_001
    let total = widths.reduce(0, +)
    let expected = (0..<rows * total).map { Float($0) }
    var start = 0
    var parts: [Tensor] = []
    for width in widths {
      let columns = start..<start + width
      parts.append(
        Tensor((0..<rows).flatMap { row in columns.map { Float(row * total + $0) } }, shape: [rows, width]))
      start += width
    }
    let whole = Concatenation.forward(parts)
    #expect(whole == Tensor(expected, shape: [rows, total]))
    start = 0
    for part in parts {
      let range = start..<start + part.shape[1]
      #expect(Concatenation.columns(range, of: whole) == part)
      start = range.upperBound
    }
  }
}
