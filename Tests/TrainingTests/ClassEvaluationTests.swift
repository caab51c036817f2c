import Datasets
import Foundation
import Images
import Serialization
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// One network evaluated on datasets whose classes are not all its own; numpy's values, which
/// Fixtures/make_class_evaluations.py made.
@Suite struct ClassEvaluationTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      var name: String
      var data: [String]
      var labels: [Int]
      var pixels: [[UInt8]]
      var map: [String: String]?
      var byPosition: Bool?
      var samples, correct, sharedCorrect: Int
      var loss: Double
      var confusion: [[Int]]
      var classes: [String]
      var leftOut: [String: Int]
      var absent: [String]

      var rule: ClassRule {
        if byPosition == true { return .byPosition }
        return .byName(map.map { ClassMap($0.mapValues { $0.isEmpty ? nil : $0 }) })
      }
    }
    var network: [String]
    var cases: [Case]

    init() throws {
      let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/class-evaluations.json")
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
    }
  }

  static func write(
    _ classes: [String], _ labels: [Int], _ pixels: [[UInt8]], to path: String, splits: [Split: [Int]]? = nil
  ) throws {
    let header = DatasetHeader(name: "four", source: "", license: "", classNames: classes, channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    for (label, pixels) in zip(labels, pixels) {
      try writer.append(
        Image(height: 2, width: 2, channels: 1, pixels: pixels), regions: [LabeledRegion(label: label)])
    }
    try writer.finish(splits: splits ?? [.test: Array(labels.indices)])
  }

  /// A network whose logits are the four pixels; its own dataset has an image of each class, and one that it takes for
  /// another: two dogs and a third that looks like a cat.
  static func evaluator(_ directory: borrowing TemporaryDirectory, _ network: [String]) throws -> RunEvaluator {
    let own = directory.path("own.h5")
    try write(
      network, [0, 1, 2, 3, 1, 1],
      [[9, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9], [0, 9, 0, 0], [9, 8, 0, 0]], to: own)
    var identity = [Float](repeating: 0, count: 16)
    for place in 0..<4 { identity[5 * place] = 1 }
    try WeightsFile.write(
      Parameters([
        ("head.classifier.weight", Tensor(identity, shape: [4, 4])),
        ("head.classifier.bias", Tensor([0, 0, 0, 0] as [Float])),
      ]), to: directory.path("identity.weights"))
    let text = """
      network: {size: 2, layers: [{kind: flatten, name: head.flatten}, {kind: linear, name: head.classifier}]}
      data: {path: \(own), inputNormalization: raw}
      weights: {from: \(directory.path("identity.weights"))}
      threads: 1
      """
    return try RunEvaluator(StrictDecoder(source: "test").decode(Configuration.self, from: text))
  }

  @Test func accuraciesAreThoseOfTheTable() throws {
    let directory = try TemporaryDirectory()
    let golden = try Golden()
    let evaluator = try Self.evaluator(directory, golden.network)
    #expect(golden.cases.count == 18)
    for (index, expected) in golden.cases.enumerated() {
      let path = directory.path("case-\(index).h5")
      try Self.write(expected.data, expected.labels, expected.pixels, to: path)
      let evaluation = try evaluator.evaluate(
        as: Classification.self, on: [path], split: .test, classes: expected.rule)
      let (domain, name) = (evaluation.domains[0], Comment(rawValue: expected.name))
      let report = domain.report
      #expect(report.samples == expected.samples && report.correct == expected.correct, name)
      #expect(report.sharedCorrect == expected.sharedCorrect, name)
      #expect(abs((report.loss ?? .nan) - expected.loss) < 1e-4, name)
      #expect(report.classes.map(\.name) == expected.classes && report.outputs == golden.network, name)
      #expect(report.confusion == expected.confusion, name)
      #expect(zip(report.classes, expected.confusion).allSatisfy { $0.samples == $1.reduce(0, +) }, name)
      let matching = try #require(report.matching)
      #expect(matching.leftOut.map(\.name) == expected.data.filter { expected.leftOut[$0] != nil }, name)
      #expect(matching.leftOut.allSatisfy { $0.images == expected.leftOut[$0.name] && $0.samples == $0.images }, name)
      #expect(matching.absent == expected.absent, name)
      #expect(matching.rule == (expected.byPosition == true ? .position : .name), name)
      // What is left out has no prediction; the others are right as often as counted.
      #expect(domain.predictions.count == expected.samples, name)
      #expect(domain.predictions.count(where: \.isCorrect) == expected.correct, name)
      #expect(Set(domain.predictions.map(\.label)).isSubset(of: expected.classes), name)
      // Everything is said.
      for left in expected.leftOut.keys { #expect(domain.text.contains("\(left) (6 images)"), name) }
      #expect(domain.text.contains("shared classes alone") == !expected.absent.isEmpty, name)
      let json = try JSONFile.text(of: evaluation)
      #expect(
        try JSONDecoder().decode(RunEvaluation<ClassificationReport>.self, from: Data(json.utf8)).domains[0].report
          == report)
    }
  }

  /// Both sides of a drop have the same classes: with cat and emu alone the source's wrong dog does not count.
  @Test func theDropIsOfTheSameClasses() throws {
    let directory = try TemporaryDirectory()
    let golden = try Golden()
    let evaluator = try Self.evaluator(directory, golden.network)
    let whole = try evaluator.evaluate(as: Classification.self, split: .test).domains[0]
    #expect(whole.report.correct == 5 && whole.report.samples == 6 && whole.drop == .points(0))
    func drop(_ classes: [String], _ labels: [Int], _ pixels: [[UInt8]]) throws -> DomainEvaluation<
      ClassificationReport
    > {
      let path = directory.path("\(UUID()).h5")
      try Self.write(classes, labels, pixels, to: path)
      return try evaluator.evaluate(as: Classification.self, on: [path], split: .test).domains[0]
    }
    let pair = try drop(["cat", "emu", "fox"], [0, 1, 2], [[9, 0, 0, 0], [9, 0, 0, 0], [9, 0, 0, 0]])
    #expect(pair.drop == .points(50) && pair.dropClasses == ["cat", "emu"])
    #expect(pair.text.contains("both on images of 2 classes alone: cat, emu"))
    // A class without an image in the split is on neither side; numpy: the source's cat, emu and ice cream are all right.
    let listed = try drop(
      ["cat", "dog", "emu", "ice cream"], [0, 2, 3], [[9, 0, 0, 0], [0, 0, 9, 0], [9, 0, 0, 0]])
    guard case .points(let gap) = listed.drop else {
      Issue.record("no drop")
      return
    }
    #expect(abs(gap - 100 * (1 - 2.0 / 3)) < 1e-9 && listed.dropClasses == golden.network.filter { $0 != "dog" })
    #expect(listed.text.contains("classes without a sample here  1 of 4: dog\n"), "\(listed.text)")
    let dogs = try drop(["dog"], [0, 0], [[0, 9, 0, 0], [9, 0, 0, 0]])
    guard case .points(let points) = dogs.drop else {
      Issue.record("no drop")
      return
    }
    #expect(abs(points - (100 * 2.0 / 3 - 50)) < 1e-9)
  }

  @Test func spellingsThatDifferAreSaid() throws {
    let directory = try TemporaryDirectory()
    let golden = try Golden()
    let evaluator = try Self.evaluator(directory, golden.network)
    let path = directory.path("spelled.h5")
    try Self.write(["Ice_Cream", "CAT", "fox"], [0, 1, 2], [[0, 0, 0, 9], [9, 0, 0, 0], [9, 0, 0, 0]], to: path)
    let text = try evaluator.evaluate(on: [path], split: .test).text
    #expect(text.contains("classes matched though spelled differently: Ice_Cream = ice cream, CAT = cat\n"), "\(text)")
    #expect(text.contains("left out, without a class of the network: fox (1 image)\n"))
    #expect(text.contains("classes of the network that the data lack: dog, emu\n"))
    #expect(text.contains("accuracy  100.0 %  (2 of 2; 95 % interval 34.2 to 100.0 %)"))
    // The table has the data's classes alone.
    #expect(!text.contains("\ndog") && !text.contains("\nemu") && !text.contains("\nfox"))
  }

  @Test func whatCannotBeMatchedIsRefused() throws {
    let directory = try TemporaryDirectory()
    let golden = try Golden()
    let evaluator = try Self.evaluator(directory, golden.network)
    func problem(_ classes: [String], by rule: ClassRule = .byName, labels: [Int]? = nil) throws -> String {
      let path = directory.path("\(UUID()).h5")
      let labels = labels ?? Array(classes.indices)
      try Self.write(classes, labels, labels.map { _ in [9, 0, 0, 0] }, to: path)
      let error = #expect(throws: (any Error).self) {
        try evaluator.evaluate(as: Classification.self, on: [path], split: .test, classes: rule)
      }
      return "\(try #require(error))"
    }
    let others = try problem(["ant", "bee"])
    for part in ["ant, bee", "cat, dog, emu, ice cream", "--class-map", "fine-tune"] { #expect(others.contains(part)) }
    #expect(!others.contains("by-position"))
    #expect(try problem(["ant", "bee", "elk", "fox"]).contains("--classes by-position"))
    let twins = try problem(["Cat", "CAT", "dog"])
    #expect(twins.contains("Cat, CAT") && twins.contains("--class-map"))
    #expect(try problem(["cat", "Cat", "dog"]).contains("cat, Cat"))
    #expect(try problem(["cat", "dog"], by: .byPosition).contains("expected as many of both"))
    #expect(try problem(["cat", "dig"], by: .byName(ClassMap(["dg": "dog"]))).contains("did you mean dig?"))
    #expect(try problem(["cat", "dig"], by: .byName(ClassMap(["dig": "dgo"]))).contains("did you mean dog?"))
    // No sample of a class that the network has.
    #expect(try problem(["cat", "fox"], labels: [1, 1]).contains("none of the 2 samples in test"))
  }
}
