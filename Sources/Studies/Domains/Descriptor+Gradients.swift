internal import Images

#if canImport(Glibc)
  internal import Glibc
#endif

extension Descriptor {
  private static let side = 32
  private static let cells = 4
  private static let directions = 9

  /// At 32×32 pixels in 4×4 cells: histograms of gradient directions (9 of 0…180°, L2-normalized; Dalal and
  /// Triggs 2005 without overlapping blocks), mean red, green and blue, and mean gradient: 208 numbers.
  static func gradients(of image: Image) -> [Double] {
    let image = image.resized(height: side, width: side)
    func gray(_ row: Int, _ column: Int) -> Double {
      (0.299 * image.value(row, column, 0) + 0.587 * image.value(row, column, 1) + 0.114 * image.value(row, column, 2))
        / 255
    }
    var histogram = [Double](repeating: 0, count: cells * cells * directions)
    var colors = [Double](repeating: 0, count: cells * cells * 3)
    var gradients = [Double](repeating: 0, count: cells * cells)
    let pixels = Double(side * side / (cells * cells))
    for row in 0..<side {
      for column in 0..<side {
        let cell = row * cells / side * cells + column * cells / side
        let x = gray(row, column + 1) - gray(row, column - 1)
        let y = gray(row + 1, column) - gray(row - 1, column)
        let length = (x * x + y * y).squareRoot()
        let turn = atan2(y, x) / Double.pi
        let direction = Int(((turn < 0 ? turn + 1 : turn) * Double(directions)).rounded(.down)) % directions
        histogram[cell * directions + direction] += length
        gradients[cell] += length / pixels
        for channel in 0..<3 { colors[cell * 3 + channel] += image.value(row, column, channel) / 255 / pixels }
      }
    }
    let norm = histogram.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Each part has an L2 norm of at most 1.
    return histogram.map { norm > 0 ? $0 / norm : 0 } + colors.map { $0 / Double(colors.count).squareRoot() }
      + gradients.map { $0 / Double(gradients.count).squareRoot() }
  }
}
