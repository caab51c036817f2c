import Foundation
import Studies
import Tensors
import Testing

/// numpy's values, which Fixtures/make_alignments.py made.
private struct GoldenAlignment: Decodable {
  var a, b: [[Float]]
  var similarity: Double
}

@Suite struct KernelAlignmentTests {
  private func normal(_ rows: Int, _ columns: Int, seed: UInt64) -> Tensor {
    var stream = RandomStream(seed: seed)
    return stream.normal([rows, columns], standardDeviation: 1)
  }

  private func similarity(_ a: Tensor, _ b: Tensor) throws -> Double {
    try #require(KernelAlignment(a).similarity(to: KernelAlignment(b)))
  }

  /// By the definition of HSIC over all quadruples of samples.
  @Test func alignmentsAreNumpys() throws {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/alignments.json")
    let cases = try JSONDecoder().decode([GoldenAlignment].self, from: Data(contentsOf: url))
    #expect(cases.count == 3)
    for one in cases {
      let (a, b) = (
        Tensor(one.a.flatMap { $0 }, shape: [one.a.count, one.a[0].count]),
        Tensor(one.b.flatMap { $0 }, shape: [one.b.count, one.b[0].count])
      )
      #expect(abs(try similarity(a, b) - one.similarity) < 1e-5)
    }
  }

  @Test func aRotationAScaleAndAShiftChangeNothing() throws {
    let a = normal(60, 3, seed: 1)
    #expect(abs(try similarity(a, a) - 1) < 1e-9)
    let values = a.values
    let turned = (0..<60).flatMap { row -> [Float] in
      let (x, y, z) = (values[3 * row], values[3 * row + 1], values[3 * row + 2])
      return [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y, -z].map { 5 * $0 + 20 }
    }
    #expect(abs(try similarity(a, Tensor(turned, shape: [60, 3])) - 1) < 1e-4)
    // Stretched along one direction, it is another representation.
    let stretched = values.enumerated().map { $0 % 3 == 0 ? 10 * $1 : $1 }
    #expect(try similarity(a, Tensor(stretched, shape: [60, 3])) < 0.9)
  }

  /// The plain CKA of such activations is about 0.8: they have more numbers than there are samples.
  @Test func unrelatedActivationsAreAboutZero() throws {
    let values = try (0..<5).map {
      try similarity(normal(200, 1000, seed: 2 * $0), normal(200, 1000, seed: 2 * $0 + 1))
    }
    #expect(values.allSatisfy { abs($0) < 0.03 })
    #expect(KernelAlignment(Tensor(zeros: [5, 2])).similarity(to: KernelAlignment(normal(5, 2, seed: 1))) == nil)
  }
}
