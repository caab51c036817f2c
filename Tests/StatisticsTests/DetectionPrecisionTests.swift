import Foundation
import Statistics
import Testing

/// Objects, detections and their precisions, computed by pycocotools and numpy; see Fixtures/make_detections.py.
private struct GoldenDetections: Decodable {
  struct One: Decodable {
    var classes: Int?
    var objects, detections: [[Double]]
    var coco: [Double]?
    var cocoOfClass: [Double]?
    var voc: [[Double]?]

    var truth: [TrueObject] {
      objects.map {
        TrueObject(
          image: Int($0[0]), label: Int($0[1]), box: .init(x: $0[2], y: $0[3], width: $0[4], height: $0[5]),
          isDifficult: $0[6] == 1, isCrowd: $0[7] == 1)
      }
    }
    var found: [FoundObject] {
      detections.map {
        FoundObject(
          image: Int($0[0]), label: Int($0[1]), box: .init(x: $0[2], y: $0[3], width: $0[4], height: $0[5]),
          score: $0[6])
      }
    }
  }
  struct Published: Decodable {
    var objects, detections: [[Double]]
    var percent, voc: [Double]
  }
  var sets: [One]
  var published: Published

  init() throws {
    let url = Bundle.module.resourceURL!.appendingPathComponent("Fixtures/detections.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Self.self, from: Data(contentsOf: url))
  }
}

@Suite struct VOCPrecisionTests {
  @Test func agreesWithTheDevelopmentKitsLoop() throws {
    let sets = try GoldenDetections().sets
    #expect(sets.count >= 50)
    var different = 0
    for (number, set) in sets.enumerated() {
      let precision = VOCPrecision(set.truth, set.found, classes: set.classes ?? 0)
      for (column, points) in [VOCPrecision.Points.eleven, .all].enumerated() {
        let expected = set.voc.map { $0?[column] }
        let found = precision.averagePrecisions(points)
        #expect(found.map { $0 == nil } == expected.map { $0 == nil }, "set \(number)")
        for (found, expected) in zip(found, expected) { #expect(abs((found ?? 0) - (expected ?? 0)) < 1e-9) }
      }
      // The negative control: at another overlap the numbers are others.
      let other = VOCPrecision(set.truth, set.found, classes: set.classes ?? 0, threshold: 0.85)
      different += other.mean(.all) != precision.mean(.all) ? 1 : 0
    }
    #expect(different > 40)
  }

  /// 24.57 % over all points and 26.84 % at eleven.
  @Test func thePublishedExample() throws {
    let published = try GoldenDetections().published
    let one = GoldenDetections.One(objects: published.objects, detections: published.detections, voc: [])
    let precision = VOCPrecision(one.truth, one.found, classes: 1, threshold: 0.3)
    for (column, points) in [VOCPrecision.Points.eleven, .all].enumerated() {
      let found = try #require(precision.mean(points))
      #expect((10_000 * found).rounded() / 100 == published.percent[column])
      #expect(abs(found - published.voc[column]) < 1e-9)
    }
    #expect(precision.curves[0].objects == 15 && precision.curves[0].scores.count == 24)
  }

  @Test func nothingFoundAndNothingToFind() {
    let box = ObjectBox(x: 0, y: 0, width: 4, height: 4)
    let nothing = VOCPrecision([TrueObject(image: 0, label: 0, box: box)], [], classes: 2)
    #expect(nothing.averagePrecisions(.all) == [0, nil] && nothing.mean(.eleven) == 0)
    #expect(VOCPrecision([], [FoundObject(image: 0, label: 0, box: box, score: 1)], classes: 1).mean(.all) == nil)
  }
}

@Suite struct COCOPrecisionTests {
  @Test func agreesWithPycocotools() throws {
    let sets = try GoldenDetections().sets
    var undefined = 0
    for (number, set) in sets.enumerated() {
      let precision = COCOPrecision(set.truth, set.found, classes: set.classes ?? 0)
      let found = [
        precision.precision(), precision.precision(threshold: 0), precision.precision(threshold: 5),
        precision.precision(.small), precision.precision(.medium), precision.precision(.large),
        precision.recall(limit: 1), precision.recall(limit: 10), precision.recall(), precision.recall(.small),
        precision.recall(.medium), precision.recall(.large),
      ]
      for (found, expected) in zip(found, set.coco ?? []) {
        #expect(abs((found ?? -1) - expected) < 1e-9, "set \(number)")
        undefined += found == nil ? 1 : 0
      }
      for (label, expected) in (set.cocoOfClass ?? []).enumerated() {
        #expect(abs((precision.precision(label: label) ?? -1) - expected) < 1e-9, "set \(number), class \(label)")
      }
      let unlimited = COCOPrecision(set.truth, set.found, classes: set.classes ?? 0, limits: [1, 10, 1000])
      if number % 10 == 0 { #expect(unlimited.precision(limit: 1000) != nil) }
    }
    #expect(undefined > 0)
  }
}
