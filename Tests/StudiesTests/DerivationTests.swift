import Datasets
import Foundation
import Images
import Kernels
import Serialization
import Studies
import StudyTestSupport
import Support
import TestSupport
import Testing
import Training

@Suite struct DerivationTests {
  private func image(_ pixels: [UInt8], side: Int) -> Image {
    Image(height: side, width: side, channels: 1, pixels: pixels)
  }

  @Test func shiftsByHand() {
    let picture = image([0, 10, 20, 30, 40, 50, 60, 70, 255], side: 3)
    func shifted(_ kind: DomainShift.Kind, _ severity: Double = 1) -> [UInt8] {
      DomainShift(kind: kind, severity: severity).shifted(picture, index: 0).pixels
    }
    #expect(shifted(.inverted) == [255, 245, 235, 225, 215, 205, 195, 185, 0])
    #expect(shifted(.inverted, 0.5) == [128, 128, 128, 128, 128, 128, 128, 128, 128])
    // A quarter turn: what was on the left comes to lie on top.
    #expect(shifted(.rotated) == [60, 30, 0, 70, 40, 10, 255, 50, 20])
    // Gradients within: 50 − 30 = 20 along, 70 − 10 = 60 down.
    #expect(shifted(.edges)[4] == 63)
    #expect(shifted(.blurred)[4] == 59)
    // 40 % of what lies between 40 and 235 at half the severity.
    #expect(shifted(.foggy)[4] == 196 && shifted(.foggy, 0.5)[4] == 118)
    for kind in DomainShift.Kind.allCases where kind != .gray && kind != .recolored {
      #expect(shifted(kind) == shifted(kind), "\(kind) depends on the image alone")
      #expect(shifted(kind).count == 9 && shifted(kind) != picture.pixels, "\(kind)")
    }
  }

  /// The grays are Pillow's: `Image.new('RGB', (1, 1), color).convert('L')`.
  @Test func shiftsOfColorByHand() {
    let colors: [UInt8] = [255, 0, 0, 200, 150, 50, 10, 250, 130, 77, 77, 77]
    let picture = Image(height: 2, width: 2, channels: 3, pixels: colors)
    func shifted(_ kind: DomainShift.Kind, _ severity: Double = 1) -> [UInt8] {
      DomainShift(kind: kind, severity: severity).shifted(picture, index: 0).pixels
    }
    #expect(shifted(.gray) == [76, 76, 76, 154, 154, 154, 165, 165, 165, 77, 77, 77].map(UInt8.init))
    #expect(shifted(.gray, 0.5).prefix(3) == [166, 38, 38])
    // Red becomes green, green blue, blue red; grays stay. Halfway red is a yellow.
    #expect(shifted(.recolored) == [0, 255, 0, 50, 200, 150, 130, 10, 250, 77, 77, 77])
    #expect(
      Array(shifted(.recolored, 0.5).prefix(3) + shifted(.recolored, 0.5).suffix(3)) == [170, 170, 0, 77, 77, 77])
  }

  @Test(arguments: [DomainShift.Kind.gray, .recolored])
  func shiftsOfColorNeedColor(kind: DomainShift.Kind) throws {
    let directory = try TemporaryDirectory()
    let base = try baseDataset(in: directory, side: 2, [.train: [0, 1, 2, 3, 4, 5], .validation: [6], .test: [7, 8]])
    #expect(throws: FileError.self) {
      try Derivation(shift: DomainShift(kind: kind)).write(
        from: base, to: directory.path("shifted.h5"), name: nil, shouldStop: { false })
    }
    #expect(try directory.names() == ["base.h5"])
  }

  /// Nine even images of three classes in turn, each of its own number's brightness.
  private func baseDataset(in directory: borrowing TemporaryDirectory, side: Int, _ splits: [Split: [Int]]) throws
    -> String
  {
    let path = directory.path("base.h5")
    let header = DatasetHeader(
      name: "base", source: "made up", license: "none", classNames: ["a", "b", "c"], channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    for index in 0..<9 {
      let pixels = [UInt8](repeating: UInt8(index), count: side * side)
      try writer.append(
        image(pixels, side: side), regions: [LabeledRegion(label: index % 3)], fileName: "\(index).png")
    }
    try writer.finish(splits: splits)
    return path
  }

  @Test func aDerivedDatasetKeepsSplitsAndGroupsClasses() throws {
    let directory = try TemporaryDirectory()
    let base = try baseDataset(in: directory, side: 2, [.train: [0, 1, 2, 3, 4, 5], .validation: [6], .test: [7, 8]])

    let derivation = Derivation(shift: DomainShift(kind: .inverted), groups: ["first": ["a"], "last": ["c"]])
    try derivation.write(from: base, to: directory.path("derived.h5"), name: "derived", shouldStop: { false })
    let derived = try Dataset(opening: directory.path("derived.h5"))
    #expect(derived.classNames == ["first", "last"])
    #expect(derived.samples(of: .train).map { derived.label(of: $0) } == [0, 1, 0, 1])
    let pixels = try derived.samples(of: .train).map { try derived.image(at: derived.imageIndex(of: $0)).pixels[0] }
    #expect(pixels == [255, 253, 252, 250])
    #expect(
      (0..<derived.imageCount).map { derived.fileName(of: $0) }
        == ["0.png", "2.png", "3.png", "5.png", "6.png", "8.png"])
    #expect(derived.samples(of: .validation).count == 1 && derived.samples(of: .test).count == 1)

    let unknown = Derivation(groups: ["first": ["a"], "other": ["z"]])
    #expect(throws: FileError.self) {
      try unknown.write(from: base, to: directory.path("none.h5"), name: "none", shouldStop: { false })
    }
    #expect(try directory.names() == ["base.h5", "derived.h5"])
    // What is in a file, and nothing else, is its fingerprint.
    try Derivation(groups: ["a": ["a"], "b": ["b"], "c": ["c"]]).write(
      from: base, to: directory.path("same.h5"), name: "same", shouldStop: { false })
    #expect(try Dataset.fingerprint(of: base) == Dataset.fingerprint(of: directory.path("same.h5")))
    #expect(try Dataset.fingerprint(of: base) != Dataset.fingerprint(of: directory.path("derived.h5")))
  }

  /// Classes that are grouped keep the files as they are; images that are shifted are samples.
  @Test func encodedImagesStayEncodedUnlessTheyAreShifted() throws {
    let directory = try TemporaryDirectory()
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "DatasetsTests/Fixtures/encoded").path
    var preparation = Preparation(source: .folder(folder), name: "base", origin: "", license: "")
    (preparation.validation, preparation.test) = (.count(1), .count(1))
    let base = directory.path("base.h5")
    _ = try preparation.run(writingTo: base)
    func derived(_ derivation: Derivation, _ name: String) throws -> Dataset {
      try derivation.write(from: base, to: directory.path(name), name: "base", shouldStop: { false })
      return try Dataset(opening: directory.path(name))
    }
    let original = try Dataset(opening: base)
    let same = try derived(Derivation(groups: ["one": ["one"], "two": ["two"]]), "same.h5")
    #expect(original.header.storage == .encoded && same.header.storage == .encoded)
    #expect(try Dataset.fingerprint(of: base) == Dataset.fingerprint(of: same.path))
    try same.verify()
    let shift = DomainShift(kind: .inverted)
    let shifted = try derived(Derivation(shift: shift), "shifted.h5")
    #expect(shifted.header.storage == .samples)
    for index in 0..<original.imageCount {
      #expect(try shifted.image(at: index) == shift.shifted(original.image(at: index), index: index))
    }
  }

  @Test func imagesGoThroughAFrozenBackbone() throws {
    let directory = try TemporaryDirectory()
    let base = directory.path("base.h5")
    let header = DatasetHeader(name: "base", source: "made up", license: "none", classNames: ["a", "b"], channels: 1)
    var writer = try DatasetWriter(path: base, header: header)
    for index in 0..<6 {
      let pixels = (0..<256).map { UInt8(truncatingIfNeeded: $0 * (index + 1)) }
      try writer.append(image(pixels, side: 16), regions: [LabeledRegion(label: index % 2)])
    }
    try writer.finish(splits: [.train: [0, 1], .validation: [2, 3], .test: [4, 5]])
    func datasets(_ features: String) throws -> [DerivedDataset] {
      let study = try exampleStudy(
        "domains=[{name: a, source: \(base), target: \(base)}, {name: b, target: \(base), shift: inverted}]",
        "features=\(features)")
      let plan = try StudyPlan(study, path: "study.yaml", directory: directory.path("study"))
      return plan.datasets
    }
    let made = try datasets("{network: {preset: small-vgg}, data: {evaluationSize: 16}}")
    #expect(made.count == 2 && Set(made.map(\.path)).count == 2)
    #expect(made[0].images == base && made[1].images != base)
    var counts: [Int] = []
    for dataset in made {
      #expect(try dataset.derive(shouldStop: { false }) { done, total in counts.append(total) })
      #expect(try !dataset.derive(shouldStop: { false }), "what is there is not made again")
    }
    #expect(Set(counts) == [6])
    let (plain, inverted) = (try Dataset(opening: made[0].path), try Dataset(opening: made[1].path))
    #expect(plain.header.features != nil && plain.channels == 32 && plain.samples(of: .test).count == 2)
    #expect(try plain.featureMap(at: 0) != inverted.featureMap(at: 0))
    // Another backbone or preparation is another file; one that is no configuration is an error.
    let other = try datasets("{network: {preset: small-vgg}, seed: 2, data: {evaluationSize: 16}}")
    #expect(Set(other.map(\.path)).isDisjoint(with: made.map(\.path)))
    #expect(throws: YAMLError.self) { try datasets("{network: {preset: small-vgg}, data: {size: 16}}") }
    #expect(throws: FileError.self) {
      try datasets("{network: {preset: small-vgg}, weights: {from: \(directory.path("none.h5"))}}")
    }
  }

  /// A study is planned before its shifts, groups and feature maps are made; they change nothing in what it says.
  @Test(arguments: ["", "features={network: {preset: small-vgg}, data: {evaluationSize: 16}}"])
  func whatIsStillToBeMadeIsPlanned(features: String) throws {
    let directory = try TemporaryDirectory()
    let base = try baseDataset(
      in: directory, side: 16, [.train: [0, 1, 2], .validation: [3, 4, 5], .test: [6, 7, 8]])
    let study = try exampleStudy(
      [
        "domains=[{name: a, source: \(base), target: \(base), shift: inverted}, "
          + "{name: b, target: \(base), regroup: {first: [a, b], second: [c]}}]",
        "common={data: {batch: 3, evaluationSize: 16}}", "finetuning.data.trainPerClass=1",
      ].map { features.isEmpty ? $0 : $0.replacing(", evaluationSize: 16}}", with: "}}") }
        + (features.isEmpty ? [] : [features]))
    let plan = try StudyPlan(study, path: "study.yaml", directory: directory.path("study"))
    let before = try StudyEstimate(plan)
    #expect(before.bytes > 0 && before.left > 0)
    #expect(try before.secondsLeft() > 0)
    for dataset in plan.datasets { try dataset.derive(shouldStop: { false }) }
    let after = try StudyEstimate(StudyPlan(study, path: "study.yaml", directory: directory.path("study")))
    #expect(after.bytes == before.bytes && after.left == before.left)
    // Without a base there is nothing to tell.
    try FileManager.default.removeItem(at: URL(fileURLWithPath: plan.directory))
    try FileManager.default.removeItem(atPath: base)
    #expect(try StudyEstimate(StudyPlan(study, path: "study.yaml", directory: directory.path("study"))).bytes == 0)
  }

  @Test func changedDataMakeNewRuns() throws {
    let directory = try TemporaryDirectory()
    func write(_ value: UInt8) throws {
      let header = DatasetHeader(name: "base", source: "made up", license: "none", classNames: ["a", "b"], channels: 1)
      var writer = try DatasetWriter(path: directory.path("base.h5"), header: header)
      for index in 0..<4 {
        try writer.append(
          image([UInt8](repeating: value + UInt8(index), count: 4), side: 2), regions: [LabeledRegion(label: index % 2)]
        )
      }
      try writer.finish(splits: [.train: [0, 1], .validation: [2], .test: [3]])
    }
    func names() throws -> [String] {
      let path = directory.path("base.h5")
      let study = try exampleStudy(
        "domains=[{name: a, source: \(path), target: \(path)}, {name: b, target: \(path), shift: edges}]")
      return try firstRuns(of: StudyPlan(study, path: "study.yaml", directory: directory.path("study"))).map {
        $0.directory.name
      }
    }
    try write(10)
    let before = try names()
    try write(10)
    #expect(try names() == before)
    try write(11)
    #expect(try Set(names()).isDisjoint(with: before))
  }
}
