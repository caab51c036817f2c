#if canImport(Glibc)
  internal import Glibc
#endif

/// Student's t distribution.
package struct StudentT: Sendable, Equatable {
  /// The degrees of freedom: above 0, not necessarily whole.
  package let degreesOfFreedom: Double

  /// - Parameter degreesOfFreedom: above 0.
  package init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom > 0, "StudentT: \(degreesOfFreedom) degrees of freedom; expected above 0")
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// P(|T| ≥ |t|) = I(ν / (ν + t²); ν/2, ½), exact far out as well.
  package func twoSidedP(_ t: Double) -> Double {
    guard t.isFinite else { return t.isNaN ? .nan : 0 }
    let nu = degreesOfFreedom
    return Self.incompleteBeta(nu / 2, 0.5, at: nu / (nu + t * t), complement: t * t / (nu + t * t))
  }

  /// The t with P(T ≤ t) = p, by halving an interval to its last bit.
  package func quantile(_ p: Double) -> Double {
    precondition(p > 0 && p < 1, "StudentT: a quantile of \(p); expected between 0 and 1")
    guard p != 0.5 else { return 0 }
    // The tail itself, not 1 minus it, keeps its digits.
    let tail = 2 * min(p, 1 - p)
    var (low, high) = (0.0, 1.0)
    while twoSidedP(high) > tail, high < 1e300 { (low, high) = (high, 2 * high) }
    while true {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if twoSidedP(middle) > tail { low = middle } else { high = middle }
    }
    return p < 0.5 ? -low : low
  }

  /// The regularized incomplete beta function I(x; a, b) = 1 − I(1 − x; b, a), on the side that converges faster.
  ///
  /// - Parameter complement: 1 − x, given apart so that it loses no digits.
  static func incompleteBeta(_ a: Double, _ b: Double, at x: Double, complement: Double) -> Double {
    guard x > 0 else { return 0 }
    guard complement > 0 else { return 1 }
    return x <= (a + 1) / (a + b + 2)
      ? betaFraction(a, b, at: x, complement: complement) : 1 - betaFraction(b, a, at: complement, complement: x)
  }

  /// I(x; a, b) by its continued fraction (DLMF 8.17.22) with Lentz's method.
  private static func betaFraction(_ a: Double, _ b: Double, at x: Double, complement: Double) -> Double {
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(complement)) / a
    let least = 1e-300
    func kept(_ value: Double) -> Double { abs(value) < least ? least : value }
    var d = 1 / kept(1 - (a + b) * x / (a + 1))
    var (c, fraction) = (1.0, d)
    for m in 1...10_000 {
      let m = Double(m)
      for term in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        d = 1 / kept(1 + term * d)
        c = kept(1 + term / c)
        fraction *= c * d
      }
      if abs(c * d - 1) < 1e-16 { break }
    }
    return front * fraction
  }
}
