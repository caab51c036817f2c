import Foundation
import Kernels
import Tensors
import TestSupport

/// The random sets of boxes that torchvision computed; see Fixtures/make_boxes.py.
struct BoxFixture {
  static let thresholds = [0, 0.3, 0.5, 0.7, 1]
  static let coders = [BoxCoder.proposals, BoxCoder.regions]
  static let betas: [Float] = [0, 1 / 9, 1]

  /// One set, its arrays cut out of the file's.
  struct Set {
    let number: Int
    let first, second: Boxes
    let scores: [Float]
    let groups: [Int]
    let threshold: Double
    let coder: BoxCoder
    let beta: Float
    let image: Extent
    let overlaps: [Float]
    let kept, keptOfGroups: [Int]
    let deltas, given, decoded, clipped: [Float]
    let matches: [Int]
    let anchorSettings: [Int]
    let anchors: [Float]
    let losses, gradients: [Float]

    /// Every tenth set has inverted boxes.
    var isInverted: Bool { number % 10 == 9 }
  }

  let sets: [Set]

  init() throws {
    let fixture = Fixture(Bundle.module.resourceURL!.appendingPathComponent("Fixtures/boxes.h5").path)
    var arrays: [String: (values: [Float], next: Int)] = [:]
    for name in [
      "first", "second", "scores", "groups", "overlaps", "kept", "kept_of_groups", "deltas", "given", "decoded",
      "clipped",
      "matches", "anchors", "anchor_sets", "losses", "gradients",
    ] {
      arrays[name] = (try fixture.tensor(name).values, 0)
    }
    func take(_ name: String, _ count: Int) -> [Float] {
      let start = arrays[name]!.next
      arrays[name]!.next += count
      return Array(arrays[name]!.values[start..<start + count])
    }
    func integers(_ name: String, _ count: Int) -> [Int] { take(name, count).map { Int($0) } }
    let table = try fixture.integers("sets")
    var sets: [Set] = []
    for start in stride(from: 0, to: table.count, by: 10) {
      let row = Array(table[start..<start + 10])
      let (n, m) = (row[0], row[1])
      sets.append(
        Set(
          number: sets.count, first: Boxes(edges: take("first", 4 * n).map { $0 / 4 }),
          second: Boxes(edges: take("second", 4 * m).map { $0 / 4 }), scores: take("scores", n),
          groups: integers("groups", n), threshold: Self.thresholds[row[2]], coder: Self.coders[row[3]],
          beta: Self.betas[row[4]], image: Extent(height: row[5], width: row[6]), overlaps: take("overlaps", n * m),
          kept: integers("kept", row[7]), keptOfGroups: integers("kept_of_groups", row[8]),
          deltas: take("deltas", 4 * n),
          given: take("given", 4 * n).map { $0 / 16 }, decoded: take("decoded", 4 * n), clipped: take("clipped", 4 * n),
          matches: integers("matches", 2 * n), anchorSettings: integers("anchor_sets", 8),
          anchors: take("anchors", 4 * row[9]), losses: take("losses", 2), gradients: take("gradients", 8 * n)))
    }
    precondition(arrays.values.allSatisfy { $0.next == $0.values.count }, "boxes.h5: values are left over")
    self.sets = sets
  }

  /// Whether numbers agree: the same infinity, neither a number, or apart by at most 1e-5 of the larger.
  static func agrees(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN || abs($0 - $1) <= 1e-5 * max(1, abs($0), abs($1)) }
  }
}
