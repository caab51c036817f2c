package import Tensors

/// A random choice of foreground and background for a step, as in Fast R-CNN and torchvision's
/// `BalancedPositiveNegativeSampler`.
package struct RegionSampling: Sendable, Equatable {
  /// Regions per image, at most.
  package let count: Int
  /// The largest share of foreground among them; where there is less, background takes its place.
  package let foregroundFraction: Double

  /// A choice of a number of regions; traps unless it is positive and the share lies in 0 … 1.
  package init(count: Int, foregroundFraction: Double) {
    precondition(
      count > 0 && (0...1).contains(foregroundFraction), "RegionSampling: \(count) regions, \(foregroundFraction)")
    (self.count, self.foregroundFraction) = (count, foregroundFraction)
  }

  /// The indices of the chosen boxes in increasing order.
  package func chosen(_ matches: [BoxMatching.Match], drawing stream: inout RandomStream) -> [Int] {
    var (foreground, background): ([Int], [Int]) = ([], [])
    for (index, match) in matches.enumerated() {
      switch match {
      case .object: foreground.append(index)
      case .background: background.append(index)
      case .ignored: break
      }
    }
    let most = min(Int(Double(count) * foregroundFraction), foreground.count)
    return (Self.draw(most, of: foreground, &stream) + Self.draw(count - most, of: background, &stream)).sorted()
  }

  /// Some of the indices at random, or all if there are not more; draws the same number of times as it returns indices.
  private static func draw(_ count: Int, of indices: [Int], _ stream: inout RandomStream) -> [Int] {
    guard count < indices.count else { return indices }
    var rest = indices
    for place in 0..<count { rest.swapAt(place, place + stream.integer(below: rest.count - place)) }
    return Array(rest[..<count])
  }
}
