import Datasets
import Foundation
import Layers
import Networks
import Serialization
import Studies
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Studies that are made of folders of images.
@Suite struct StudyDraftTests {
  /// Writes `count` gray images of 28 × 28 pixels for each class, all different from those of another `first`.
  static func makeFolder(
    _ path: String, classes: [String] = ["cat", "dog"], count: Int = 24, first: Int, side: Int = 28
  ) throws {
    for (label, name) in classes.enumerated() {
      try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
      for index in 0..<count {
        let number = first + label * 1000 + index
        let samples = (0..<side * side).map { UInt8(($0 * (7 + label) + number * 13 + number / 17) % 256) }
        var own = samples
        (own[0], own[1]) = (UInt8(number % 256), UInt8(number / 256))
        try writePNG(own, height: side, width: side, channels: 1, to: "\(path)/\(name)/\(index).png")
      }
    }
  }

  private func draft(_ directory: borrowing TemporaryDirectory, _ names: [String]) -> StudyDraft {
    var draft = StudyDraft(
      name: "mine", domains: names.map { .init(name: $0, images: .folder(directory.path($0))) },
      directory: directory.path("mine"))
    (draft.budget, draft.workers) = (600, 2)
    return draft
  }

  private func names(_ path: String) throws -> Set<String> {
    let dataset = try Dataset(opening: path)
    return Set((0..<dataset.imageCount).compactMap { dataset.fileName(of: $0) })
  }

  @Test func aStudyIsWrittenWhoseDatasetsShareNoImage() throws {
    let directory = try TemporaryDirectory()
    try Self.makeFolder(directory.path("a"), first: 0)
    try Self.makeFolder(directory.path("b"), classes: ["u", "v", "w"], count: 41, first: 5000)
    // An image of a in b.
    try FileManager.default.copyItem(
      atPath: directory.path("a/cat/3.png"), toPath: directory.path("b/u/from-a.png"))
    var told: [String] = []
    let written = try draft(directory, ["a", "b"]).write { if case .surveyed(let lines) = $0 { told = lines } }
    #expect(written.path == directory.path("mine/study.yaml") && written.seconds > 0)
    #expect(told.contains { $0.hasPrefix("b: 1 pictures that a has too left out here") })

    let study = try Study(path: written.path)
    #expect(
      study.name == "mine" && study.sources.map(\.name) == ["a", "b"] && study.targets.map(\.name) == ["a", "b"])
    #expect(study.arms.prefix(2).map(\.name) == ["fc", "gap"] && study.search.folds == 2)
    // A quarter of 24 has room for 5.
    #expect(study.sizes == [5])
    let plan = try StudyPlan(study, path: written.path, directory: directory.path("mine"))
    #expect(plan.cells.allSatisfy { $0.folds == 2 && $0.base.network == $0.base.network })
    for name in ["a", "b"] {
      let (source, target) = (
        directory.path("mine/data/\(name)-source.h5"), directory.path("mine/data/\(name)-target.h5")
      )
      let (first, second) = (try names(source), try names(target))
      #expect(!first.isEmpty && !second.isEmpty && first.isDisjoint(with: second))
      #expect(!first.union(second).contains("u/from-a.png"))
      let dataset = try Dataset(opening: target)
      #expect(dataset.sampleCounts(of: .train).allSatisfy { $0 == 5 } && dataset.samples(of: .validation).isEmpty)
      #expect(try !Dataset(opening: source).samples(of: .validation).isEmpty)
    }
    // Everything but the images that belong to no side is used.
    #expect(
      try names(directory.path("mine/data/a-source.h5")).count + names(directory.path("mine/data/a-target.h5")).count
        == 48)
    let text = try TextFile.read(written.path)
    for decision in written.decisions {
      #expect(text.contains("# \(decision.what): ") || text.contains("  # \(decision.what): "), "\(decision)")
    }
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 130 })
  }

  @Test func aStudyThatIsThereStays() throws {
    let directory = try TemporaryDirectory()
    try Self.makeFolder(directory.path("a"), first: 0)
    try Self.makeFolder(directory.path("b"), first: 5000)
    var draft = draft(directory, ["a", "b"])
    // An interrupted try leaves no study, and the next one is not in its way.
    var images = 0
    let error = #expect(throws: (any Error).self) {
      try draft.write(shouldStop: { images > 120 }) { event in
        switch event {
        case .surveying, .preparing: images += 1
        default: break
        }
      }
    }
    #expect((error as? FileError)?.kind == .interrupted, "\(String(describing: error))")
    #expect(!FileSystem.exists(directory.path("mine/study.yaml")))
    let written = try draft.write { _ in }
    let text = try TextFile.read(written.path)
    draft.seeds = 2
    #expect(throws: StudyError.exists(path: directory.path("mine"))) { try draft.write { _ in } }
    #expect(try TextFile.read(written.path) == text)
    draft.overwrites = true
    _ = try draft.write { _ in }
    #expect(try Study(path: written.path).seeds == [1, 2])
    // Neither does it go into a directory with something else.
    draft.overwrites = false
    draft.directory = directory.path("a")
    #expect(throws: StudyError.exists(path: directory.path("a"))) { try draft.write { _ in } }
  }

  @Test func whatIsAskedForIsWritten() throws {
    let directory = try TemporaryDirectory()
    try Self.makeFolder(directory.path("a"), first: 0)
    try Self.makeFolder(directory.path("b"), first: 5000, side: 40)
    var draft = draft(directory, ["a", "b"])
    (draft.side, draft.seeds, draft.imagesPerClass, draft.preset) = (32, 4, 8, .lenet)
    draft.inputNormalization = .unit
    let study = try Study(path: draft.write { _ in }.path)
    #expect(study.seeds.count == 4 && study.sizes == [8])
    let plan = try StudyPlan(study, path: "study.yaml", directory: directory.path("mine"))
    #expect(plan.cells.allSatisfy { $0.base.data.inputNormalization == .unit })
    #expect(plan.cells.allSatisfy { $0.base.network.source == .preset(.lenet) })
    #expect(try Dataset(opening: directory.path("mine/data/b-target.h5")).extents(ofImage: 0) == (32, 32))
  }

  /// A run's own weights tell network and input; a budget of a day has time for all layers.
  @Test func theTimeDecidesBetweenAFrozenBackboneAndFullTraining() throws {
    let directory = try TemporaryDirectory()
    try Self.makeFolder(directory.path("a"), first: 0)
    try Self.makeFolder(directory.path("b"), first: 5000)
    var network = Parameters()
    for (name, shape) in try NetworkDescription(preset: .squeezenet11).backbone.network(channels: 3, classes: 2)
      .parameters
      .map({ ($0.name, $0.shape) })
    {
      network[name] = Tensor(repeating: 0.01, shape: shape)
    }
    try WeightsFile.write(network, to: directory.path("w.h5"))
    var draft = draft(directory, ["a", "b"])
    (draft.weights, draft.budget) = (directory.path("w.h5"), 20)
    // Nobody publishes SqueezeNet in Keras's layout, so nothing tells the input.
    let error = #expect(throws: FileError.self) { try draft.write { _ in } }
    #expect(error?.message.contains("weights of squeezenet1.1 that do not tell what input they expect") ?? false)
    draft.inputNormalization = .torch
    let frozen = try draft.write { _ in }
    let study = try Study(path: frozen.path)
    #expect(study.features != nil)
    #expect(frozen.decisions.first { $0.what == "network" }?.choice == "squeezenet1.1")
    #expect(frozen.decisions.first { $0.what == "input" }?.reason == "as asked for")
    #expect(frozen.decisions.first { $0.what == "trained" }?.choice == "heads on a frozen backbone")
    (draft.overwrites, draft.budget) = (true, 1e7)
    let full = try draft.write { _ in }
    #expect(try Study(path: full.path).features == nil)
    #expect(full.decisions.first { $0.what == "trained" }?.choice == "all layers")
    #expect(full.seconds > 0 && full.seconds < 1e7)
  }

  @Test func whatMakesNoStudyIsOneError() throws {
    let directory = try TemporaryDirectory()
    try Self.makeFolder(directory.path("a"), first: 0)
    try Self.makeFolder(directory.path("b"), first: 5000)
    try Self.makeFolder(directory.path("few"), count: 19, first: 9000)
    try Self.makeFolder(directory.path("one"), classes: ["cat"], first: 12_000)
    try FileManager.default.createDirectory(atPath: directory.path("empty"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: directory.path("a"), toPath: directory.path("copy"))
    try FileManager.default.createSymbolicLink(atPath: directory.path("link"), withDestinationPath: directory.path("a"))
    func message(_ names: [String], _ change: (inout StudyDraft) -> Void = { _ in }) -> String {
      var draft = draft(directory, names)
      change(&draft)
      do { _ = try draft.write { _ in } } catch { return "\(error)" }
      return "written"
    }
    #expect(message(["a"]).contains("one domain, a; expected two or more"))
    #expect(message([]).contains("no domain"))
    #expect(message(["a", "empty"]).contains("no class folder with images"))
    #expect(message(["a", "one"]).contains("one class alone, cat"))
    #expect(
      message(["a", "few"]).contains("too few pictures in 2 of 2 classes of the domain few: cat has 19, dog has 19"))
    #expect(message(["a", "link"]).contains("the domains a and link are the same"))
    #expect(message(["a", "copy"]).contains("cat has 0, dog has 0 (without 48 that a has too)"))
    #expect(message(["a", "missing"]).contains("there is no such file"))
    #expect(message(["a", "b"]) { $0.name = "../x" }.contains("its name names a directory"))
    #expect(message(["a", "b"]) { $0.domains[1].name = "a" }.contains("two domains called a"))
    #expect(message(["a", "b"]) { $0.mode = .frozen }.contains("a frozen backbone without weights"))
    #expect(message(["a", "b"]) { $0.imagesPerClass = 21 }.contains("number of images per class of 21"))
    #expect(message(["a", "b"]) { $0.weights = directory.path("a/cat/0.png") } != "written")
    #expect(!FileSystem.exists(directory.path("mine/study.yaml")))
  }
}
