#if canImport(Glibc)
  import Glibc
#endif

/// A stream of random numbers, SplitMix64 (Steele, Lea, Flood 2014), addressed by a seed and keys.
///
/// Any stream, such as that of (seed, epoch) or (seed, step, layer), is available at once: a run needs no random state
/// besides its step.
package struct RandomStream: RandomNumberGenerator, Sendable {
  @usableFromInline var state: UInt64

  /// The stream of `seed` and `keys`; different keys give independent streams.
  package init(seed: UInt64, keys: UInt64...) {
    state = Self.mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    for key in keys { state = Self.mix(state ^ Self.mix(key &+ 0xD1B5_4A32_D192_ED03)) }
  }

  /// The key of a name: 64-bit FNV-1a, the same in every process.
  package static func key(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  /// The next 64 random bits.
  @inlinable package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// SplitMix64's finalizer, a bijection of 64 bits.
  @inlinable package static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in [0, 1) with 24 random bits.
  @inlinable package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A standard normal number (Box–Muller transform).
  package mutating func normal() -> Float {
    let u = Double(next() >> 11) * 0x1p-53
    let v = Double(next() >> 11) * 0x1p-53
    return Float((-2 * log(1 - u)).squareRoot() * cos(2 * Double.pi * v))
  }

  /// A number in (0, 1) from the Beta(a, b) distribution, a and b above 0: x / (x + y) for x of Gamma(a), y of Gamma(b).
  package mutating func beta(_ a: Double, _ b: Double) -> Double {
    let (first, second) = (logGamma(a), logGamma(b))
    return 1 / (1 + exp(second - first))
  }

  /// The logarithm of a number from the Gamma(shape) distribution (Marsaglia, Tsang 2000); small shapes underflow nothing.
  private mutating func logGamma(_ shape: Double) -> Double {
    if shape < 1 {
      let u = (Double(next() >> 11) + 0.5) * 0x1p-53
      return logGamma(shape + 1) + log(u) / shape
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = Double(normal())
      let v = (1 + c * x) * (1 + c * x) * (1 + c * x)
      let u = (Double(next() >> 11) + 0.5) * 0x1p-53
      if v > 0, log(u) < x * x / 2 + d - d * v + d * log(v) { return log(d) + log(v) }
    }
  }

  /// A uniform integer in 0 ..< bound.
  package mutating func integer(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

  /// A random permutation of 0 ..< count (Fisher–Yates).
  package mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    return order
  }

  /// A tensor of normal numbers; default: mean 0, standard deviation 1.
  package mutating func normal(_ shape: [Int], mean: Float = 0, standardDeviation: Float = 1) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { _ in mean + standardDeviation * normal() }, shape: shape)
  }

  /// A tensor of uniform numbers in [low, high).
  package mutating func uniform(_ shape: [Int], from low: Float = 0, to high: Float = 1) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { _ in low + (high - low) * uniform() }, shape: shape)
  }
}
