import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing

/// The order in which gradients of parts are added, and that it does not depend on where they are.
@Suite struct GradientSumTests {
  /// Gradients of some parts of one parameter of shape `[6, 5]`; nil where a part has none.
  private static func gradients(_ count: Int, seed: UInt64, products: Bool) -> [Gradient?] {
    var stream = RandomStream(seed: seed)
    return (0..<count).map { _ in
      if stream.integer(below: 5) == 0 { return nil }
      guard products else { return .whole(stream.normal([6, 5])) }
      // With 1 to 3 rows, one part's factors can be smaller than the gradient, and those of three are larger.
      let rows = 1 + stream.integer(below: 3)
      return .product(input: stream.normal([rows, 6]), outputGradient: stream.normal([rows, 5]))
    }
  }

  /// The definition: the sum over the parts from i on, before j, is that of its largest beginning of 2ᵏ parts plus the rest.
  private static func definition(_ values: [[Float]], _ range: Range<Int>) -> [Float] {
    guard range.count > 1 else { return values[range.lowerBound] }
    var size = 1
    while size * 2 < range.count { size *= 2 }
    let middle = range.lowerBound + size
    return zip(
      definition(values, range.lowerBound..<middle), definition(values, middle..<range.upperBound)
    ).map { $0 + $1 }
  }

  /// Shares that are powers of two, so that scaling rounds nothing.
  @Test(arguments: 1...9) func theSumIsTheDefinitions(count: Int) throws {
    var stream = RandomStream(seed: UInt64(count))
    let parts = (0..<count).map { _ in stream.normal([40]) }
    var accumulation = GradientAccumulation()
    for _ in 0..<2 {
      var sum: Gradient?
      for (index, part) in parts.enumerated() {
        accumulation.begin(share: 0.25, isLast: index == count - 1)
        sum = accumulation.passed(.whole(part), at: 3)
        #expect((sum == nil) == (index < count - 1))
      }
      let expected = Self.definition(parts.map { $0.values.map { 0.25 * $0 } }, 0..<count)
      #expect(try #require(sum).materialized().values == expected)
    }
  }

  /// From four parts on, the sum from the left has other bits: the tests above can fail.
  @Test func theSumFromTheLeftIsAnother() {
    var stream = RandomStream(seed: 4)
    let values = (0..<4).map { _ in stream.normal([40]).values }
    let left = (0..<40).map { ((values[0][$0] + values[1][$0]) + values[2][$0]) + values[3][$0] }
    #expect(left != Self.definition(values, 0..<4))
  }

  /// Two parts are the first, scaled, and the second added to it.
  @Test func twoPartsAreAddedAsEver() throws {
    for products in [false, true] {
      let parts = Self.gradients(40, seed: 3, products: products).compactMap(\.self)
      for (first, second) in zip(parts, parts.dropFirst()) {
        var accumulation = GradientAccumulation()
        accumulation.begin(share: 0.3, isLast: false)
        #expect(accumulation.passed(first, at: 0) == nil)
        accumulation.begin(share: 0.7, isLast: true)
        let passed = accumulation.passed(second, at: 0)
        let sum = try #require(passed)
        var expected = first.scaled(by: 0.3).compact()
        expected.add(second, times: 0.7)
        #expect(sum.materialized() == expected.materialized() && sum.form == expected.form)
      }
    }
  }

  /// However the parts are cut into those of several processes, the bits and the form are those of one process.
  @Test(arguments: 1...9, [false, true]) func anyCutGivesTheSameBits(count: Int, products: Bool) {
    for seed in 0..<20 as Range<UInt64> {
      let parts = Self.gradients(count, seed: seed, products: products)
      guard parts.contains(where: { $0 != nil }) else { continue }
      let shares = (0..<count).map { Float($0 + 1) * 0.0731 }
      var whole = GradientSum()
      for (index, part) in parts.enumerated() {
        guard let part else { continue }
        whole.add(part, of: index, share: shares[index], isLast: index == count - 1)
      }
      let expected = whole.total()
      for cut in 0..<1 << (count - 1) {
        var nodes: [GradientSum.Node] = []
        var sum = GradientSum()
        for (index, part) in parts.enumerated() {
          if index > 0, cut >> (index - 1) & 1 == 1 {
            nodes += sum.nodes
            sum = GradientSum(from: index)
          }
          guard let part else { continue }
          sum.add(part, of: index, share: shares[index], isLast: index == count - 1)
        }
        let total = GradientSum.total(of: nodes + sum.nodes)
        #expect(
          total.form == expected.form && total.materialized() == expected.materialized(),
          "seed \(seed), cut \(String(cut, radix: 2))")
      }
    }
  }

  /// 64 parts of one process are held as one sum, not as 64.
  @Test func fewSumsAreHeld() {
    var sum = GradientSum()
    for part in 0..<64 {
      sum.add(.whole(Tensor([1])), of: part, share: 1, isLast: false)
      #expect(sum.nodes.count == (part + 1).nonzeroBitCount)
    }
    #expect(sum.total().materialized().values == [64])
  }
}
