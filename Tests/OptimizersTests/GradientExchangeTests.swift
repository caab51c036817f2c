import Distribution
import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing

/// What several processes come to is what one has, in its order.
@Suite struct GradientExchangeTests {
  /// A large tensor, a small one, factors that stay factors, and factors that are multiplied out on the way.
  private static let shapes = [[300, 70], [9], [400, 300], [6, 5]]

  private static func gradient(_ index: Int, of part: Int) -> Gradient? {
    var stream = RandomStream(seed: UInt64(100 * index + part))
    let shape = shapes[index]
    switch index {
    case 0, 1: return part == 2 && index == 1 ? nil : .whole(stream.normal(shape))
    default: return .product(input: stream.normal([2, shape[0]]), outputGradient: stream.normal([2, shape[1]]))
    }
  }

  private static func order(ofPart part: Int) -> [Int] { part == 4 ? [3, 0, 2] : [2, 3, 0, 1] }

  @Test(arguments: 1...5) func theSumsAreThoseOfOne(processes size: Int) throws {
    let (count, shares) = (5, [0.1, 0.15, 0.2, 0.25, 0.3])
    var expected: [Int: Gradient] = [:]
    for index in Self.shapes.indices {
      var sum = GradientSum()
      for part in 0..<count where Self.order(ofPart: part).contains(index) {
        guard let gradient = Self.gradient(index, of: part) else { continue }
        sum.add(gradient, of: part, share: Float(shares[part]), isLast: part == count - 1)
      }
      expected[index] = sum.total()
    }
    let results = ThreadGroup.run(size) { processes in
      let own = count * processes.rank / size..<count * (processes.rank + 1) / size
      var partial = PartialGradients(from: own.lowerBound)
      var ignored = Tensor([0])
      for part in own {
        partial.begin(part, share: shares[part], isLast: part == count - 1)
        for index in Self.order(ofPart: part) {
          guard let gradient = Self.gradient(index, of: part) else { continue }
          partial.consume(gradient, into: &ignored, at: index)
        }
      }
      var exchange = GradientExchange(partial, shapes: Self.shapes)
      let announcements = processes.gathered(exchange.announcement.bytes).map { Message($0) }
      return exchange.totals(announcements, by: processes).map { ($0.index, $0.gradient) }
    }
    for result in results {
      let totals = try result.get()
      // The last part's order, then the one that it has no gradient for.
      #expect(totals.map(\.0) == [3, 0, 2, 1])
      for (index, gradient) in totals {
        let sum = try #require(expected[index])
        #expect(gradient.form == sum.form && gradient.materialized() == sum.materialized(), "\(index)")
      }
      #expect(totals[2].1.form == .product(rows: 10, .float32))
    }
  }
}
