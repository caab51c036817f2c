internal import Support
internal import Training

#if canImport(Glibc)
  internal import Glibc
#endif

/// Values on a line of pixels, with round ticks.
struct Axis {
  let low: Double
  let high: Double
  let from: Double
  let to: Double
  /// The ticks with their labels.
  let ticks: [(value: Double, label: String)]

  /// Covers the finite ones of some values, out to the next ticks.
  init(_ values: [Double], from: Double, to: Double) {
    (self.from, self.to) = (from, to)
    let finite = values.filter(\.isFinite)
    var (least, most) = (finite.min() ?? 0, finite.max() ?? 1)
    if most - least < 1e-9 { (least, most) = (least - 0.5, most + 0.5) }
    let rough = (most - least) / 5
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 2.5, 5, 10].first { $0 * power >= rough * (1 - 1e-9) } ?? 10)
    let digits = (0...6).first { digits in
      let scaled = step * pow(10, Double(digits))
      return abs(scaled - scaled.rounded()) < 1e-6
    }
    // The nearest ticks, but for what rounding leaves.
    let (first, last) = (floor(least / step + 1e-9), ceil(most / step - 1e-9))
    (low, high) = (first * step, last * step)
    ticks = (0...Int(last - first)).map { index in
      let value = (first + Double(index)) * step
      return (value, value.formatted(digits: digits ?? 6))
    }
  }

  /// Places 1, 2, … with names.
  init(names: [String], from: Double, to: Double) {
    (self.from, self.to, low, high) = (from, to, 0.5, Double(names.count) + 0.5)
    ticks = names.enumerated().map { (Double($0.offset + 1), $0.element) }
  }

  /// The same for every factor; ticks are at some of the values, all above 0.
  init(factorsOf values: [Double], from: Double, to: Double) {
    (self.from, self.to) = (from, to)
    let logs = values.map(Self.factor)
    let (least, most) = (logs.min() ?? 0, logs.max() ?? 1)
    (low, high) = (least - 0.3, most + 0.3)
    ticks = Set(values).sorted().map { (Self.factor($0), $0.formatted(digits: 0)) }
  }

  /// Where a value above 0 lies on an axis of factors.
  static func factor(_ value: Double) -> Double { log2(value) }

  func place(_ value: Double) -> Double { from + (value - low) / (high - low) * (to - from) }
}
