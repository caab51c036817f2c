import Foundation
import Networks
import Serialization
import Studies
import StudyTestSupport
import Support
import TestSupport
import Testing
import Training

@Suite struct StudyPlanTests {
  private func plan(_ change: String? = nil, directory: String = "checkpoints/example") throws -> StudyPlan {
    let study = if let change { try exampleStudy(change) } else { try exampleStudy() }
    return try StudyPlan(study, path: "study.yaml", directory: directory)
  }

  @Test func namesStayInTheirFolderAndRunsWithinReason() {
    for name in ["../../etc", "a/b", ".hidden", "''"] {
      #expect(throws: YAMLError.self, "\(name)") { try exampleStudy("name=\(name)") }
    }
    let seeds = "[" + (0..<1000).map(String.init).joined(separator: ", ") + "]"
    #expect(throws: YAMLError.self) { try exampleStudy("seeds=\(seeds)") }
  }

  @Test func anArmMayTakePartOfTheSources() throws {
    let domains = ["a", "b"].map { "{name: \($0), source: datasets/\($0).h5, target: datasets/\($0)-target.h5}" }
    let both = "domains=[\(domains.joined(separator: ", "))]"
    let plan = try StudyPlan(
      try exampleStudy(both, "arms.1.sources=[b]"), path: "study.yaml", directory: "checkpoints/example")
    let pairs = plan.cells.map(\.question).filter { $0.arm == "gap" && $0.seed == 1 }.map {
      "\($0.source ?? "–")\($0.target)"
    }
    #expect(pairs == ["–a", "ba", "–b", "bb"])
    #expect(plan.sources.filter { $0.arm == "gap" }.count == 2 && plan.sources.filter { $0.arm == "fc" }.count == 4)
    for wrong in ["[c]", "[]"] { #expect(throws: YAMLError.self) { try exampleStudy(both, "arms.1.sources=\(wrong)") } }
    // What begins with another arm's source models has no more of them.
    #expect(throws: YAMLError.self) { try exampleStudy(both, "arms.1.pretrained=fc", "arms.0.sources=[b]") }
  }

  @Test func anArmMayTakePartOfTheSizes() throws {
    let sizes = "sizes=[5, 20]"
    let both = try StudyPlan(try exampleStudy(sizes), path: "study.yaml", directory: "checkpoints/example")
    let one = try StudyPlan(
      try exampleStudy(sizes, "arms.1.sizes=[20]"), path: "study.yaml", directory: "checkpoints/example")
    let expected = both.cells.map(\.question).filter { $0.arm == "fc" || $0.size == 20 }
    #expect(one.cells.map(\.question) == expected)
    #expect(expected.count == 24 && both.cells.count == 32)
    for wrong in ["[10]", "[]"] {
      #expect(throws: YAMLError.self) { try exampleStudy(sizes, "arms.1.sizes=\(wrong)") }
    }
  }

  @Test func piecesAreLaidOverEachOther() throws {
    let plan = try plan()
    #expect(plan.sources.map { "\($0.arm)-\($0.seed)" } == ["fc-1", "gap-1", "fc-2", "gap-2"])
    #expect(plan.sources.map(\.configuration.epochs) == [5, 7, 5, 7])
    #expect(plan.cells.count == 2 * 2 * 2 * 2)
    #expect(try firstRuns(of: plan).count == 4 + 8 * 2 + 8 * 3)
    let question = Cell.Question(arm: "gap", source: "digits", target: "digits", seed: 2)
    let index = try #require(plan.cells.firstIndex { $0.question == question })
    guard case .searching(let runs) = try StudyProgress(reading: plan).states[index] else {
      Issue.record("expected a search")
      return
    }
    let run = try #require(runs.last)
    #expect(
      run.configuration.data
        == DataConfiguration(
          path: "datasets/held-out.h5", trainPerClass: 20, sizes: [32, 36], batch: 8))
    #expect(run.configuration.epochs == 3 && run.configuration.seed == 2)
    #expect(run.learningRate == 0.3)
    let text = try YAMLText.encode(run.configuration)
    #expect(text.contains("learningRate: 0.3\n") && text.contains("kind: gap\n"))
    #expect(plan.cells[index].sourceModel == plan.sources[3])
    #expect(
      run.configuration.weights == WeightsConfiguration(from: plan.sources[3].directory.best))
    #expect(plan.cells.filter { $0.start == .scratch }.allSatisfy { $0.base.weights == nil })
  }

  @Test func namesFollowFromConfigurationsAlone() throws {
    let names = try firstRuns(of: plan()).map(\.directory.path)
    #expect(Set(names).count == names.count)
    #expect(try firstRuns(of: plan()).map(\.directory.path) == names)
    #expect(try firstRuns(of: plan("workers=4")).map(\.directory.path) == names)
    // Nor where the study lies: its directory can be moved.
    #expect(
      try firstRuns(of: plan(directory: "elsewhere")).map(\.identity) == firstRuns(of: plan()).map(\.identity))
    // Another seed adds runs and leaves the others as they are.
    #expect(try Set(firstRuns(of: plan("seeds=[1, 2, 3]")).map(\.directory.path)).isSuperset(of: names))
    // Another pretraining renames source models and what begins with them, and nothing else.
    let changed = try firstRuns(of: plan("pretraining.epochs=6"))
    let kept = zip(try firstRuns(of: plan()), changed).filter { $0.directory == $1.directory }.map(\.0)
    #expect(kept.allSatisfy { $0.arm == "gap" || $0.configuration.weights == nil })
    #expect(kept.count == 2 + 8 * 3 + 4 * 2)
    // Nor do keys that say what is so without them: a key that a later version adds leaves finished runs found.
    for key in ["precision=float32", "onNonFinite=stop", "optimizer.momentum=0.9", "freeze=[]", "schedule={}"] {
      #expect(try firstRuns(of: plan("common.\(key)")).map(\.directory.path) == names, "\(key)")
    }
    for key in [
      "precision=bfloat16", "onNonFinite=skip", "optimizer.momentum=0.8", "freeze=[hidden]", "schedule={kind: step}",
    ] {
      let others = try firstRuns(of: plan("common.\(key)")).map(\.directory.path)
      #expect(Set(others).isDisjoint(with: names), "\(key)")
    }
  }

  /// Later versions find finished studies under these names. If the same configuration gives different numbers,
  /// or a default changes, the names must change; otherwise not.
  @Test func namesStayFromVersionToVersion() throws {
    let runs = try firstRuns(of: plan())
    #expect(runs.prefix(3).map(\.identity) == ["b032e472c43880c6", "b8df30d5ac63c2a9", "f3a68375109406a1"])
    #expect(
      [runs[0], runs[4], runs[6]].map(\.name) == [
        "sources/fc.digits.s1-b032", "scratch-to-digits/fc-full.scratch-to-digits.s1.r0.01-b373",
        "digits-to-digits/fc-full.digits-to-digits.s1.r0.01-3596",
      ])
  }

  /// Whatever a run is called now, it is found under the name that it has; another run's name is not taken.
  @Test func runsAreFoundByTheirIdentities() throws {
    let directory = try TemporaryDirectory()
    let place = directory.path("study")
    let before = try firstRuns(of: plan(directory: place))
    try before[4].create()
    // Another run under the short name of this one.
    try before[5].directory.createDirectory()
    try TextFile.write("feedfeedfeedfeed\n", to: before[5].directory.identity)
    let renamed = try firstRuns(of: plan("arms.0.name=fully", directory: place))
    #expect(renamed.map(\.identity) == before.map(\.identity))
    #expect(renamed[4].name == before[4].name && renamed[6].name != before[6].name)
    #expect(renamed[6].name.contains("/fully-full."))
    let after = try firstRuns(of: plan(directory: place))
    #expect(after[4].name == before[4].name && after[6].name == before[6].name)
    #expect(after[5].name == before[5].name.dropLast(4) + after[5].identity)
    try after[5].create()
    #expect(throws: FileError.self) { try before[5].create() }
  }

  @Test func namesAreFileNamesWhateverDomainsAreCalled() throws {
    let long = String(repeating: "ä/", count: 200)
    let plan = try plan("domains=[{name: ../\(long), source: a.h5, target: b.h5}]")
    for run in try firstRuns(of: plan) {
      let parts = run.name.split(separator: "/")
      #expect(parts.count == 2 && parts.allSatisfy { $0.utf8.count <= 255 && !$0.hasPrefix(".") }, "\(run.name)")
      #expect(run.directory.path == "checkpoints/example/" + run.name)
    }
  }

  @Test func runsWithNamesOfEarlierVersionsAreNotOverlooked() throws {
    let directory = try TemporaryDirectory()
    let old = RunDirectory(directory.path("study/b032e472c43880c6"))
    try old.createDirectory()
    _ = try plan(directory: directory.path("study"))
    try TextFile.write("epochs: 3\n", to: old.configuration)
    do {
      _ = try plan(directory: directory.path("study"))
      Issue.record("expected an error")
    } catch {
      #expect(
        "\(error)".contains("1 of its runs have names of an earlier version, such as b032e472c43880c6"), "\(error)")
    }
  }

  /// The studies of the documentation can be read and planned, but for their data.
  @Test func theStudiesOfTheDocumentationArePlanned() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../../docs/studies"
    let names = [
      "domains", "first-look", "imagenet", "photographs", "photographs-full", "photographs-squeezenet", "vgg16",
    ]
    for name in names {
      var study = try Study(path: "\(folder)/\(name).yaml")
      #expect(study.name == name)
      // The file of the backbone's weights may not be there.
      study.features = nil
      let plan = try StudyPlan(study, path: "\(name).yaml", directory: "checkpoints/\(name)")
      #expect(plan.groups.joined().sorted() == Array(plan.cells.indices))
      #expect(plan.groups.allSatisfy { $0.count == study.seeds.count })
    }
    let photographs = try Study(path: "\(folder)/photographs.yaml")
    #expect(photographs.sources.count == 6 && photographs.targets.count == 6 && photographs.seeds.count == 5)
  }

  @Test func regimesFreezeWhatTheySay() throws {
    let plan = try plan("regimes=[probe, head, full, lp-ft]")
    func cell(_ arm: String, _ regime: Regime) throws -> Cell {
      try #require(
        plan.cells.first { $0.question.arm == arm && $0.question.regime == regime && $0.start == .pretrained })
    }
    for arm in ["fc", "gap"] {
      #expect(try cell(arm, .probe).base.freeze == [.role(.backbone), .role(.hidden)])
      #expect(try cell(arm, .head).base.freeze == [.role(.backbone)])
    }
    #expect(try cell("fc", .full).base.freeze.isEmpty)
    let last = try cell("fc", .probeThenFull)
    #expect(last.base.freeze.isEmpty)
    #expect(try plan.cells[#require(last.probe)] == cell("fc", .probe))
    // From scratch everything is trained, once.
    #expect(plan.cells.filter { $0.start == .scratch }.allSatisfy { $0.question.regime == .full })
    let index = try #require(plan.cells.firstIndex(of: last))
    #expect(try StudyProgress(reading: plan).states[index] == .waiting)
  }

  @Test func armsShareSourceModelsAndRunsFromScratch() throws {
    let plan = try plan(
      """
      arms=[{name: fc, settings: {network: {head: {kind: fc, width: 8}}}}, \
      {name: same, pretrained: fc, scratch: fc, settings: {network: {head: {kind: fc, width: 8}}}}, \
      {name: cut, pretrained: fc, settings: {network: {head: {kind: gap-cut}}}}]
      """)
    #expect(plan.sources.map(\.arm) == ["fc", "fc"])
    #expect(plan.cells.filter { $0.start == .scratch }.allSatisfy { $0.question.arm == "fc" })
    // Two arms of one configuration have one run.
    let (done, open) = try StudyProgress(reading: plan).jobs
    #expect(done.isEmpty)
    let training = open.filter { if case .train = $0 { true } else { false } }
    #expect(training.count == 2 + 2 * 2 * (2 + 2 + 2))
  }

  @Test func mistakesPointIntoTheStudyFile() {
    func message(_ change: String) -> String {
      do {
        _ = try plan(change)
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(message("finetuning.epoch=3").contains(#"epoch: unknown key; did you mean "epochs"?"#))
    #expect(message("finetuning.epochs=many").contains("epochs: expected a whole number"))
    #expect(message("seed=[1]").contains(#"unknown key; did you mean "seeds"?"#))
    #expect(message("seeds=[1, 1]").contains("expected seeds that differ"))
    #expect(message("learningRates=[]").contains("expected learning rates above 0"))
    #expect(message("name=../../x").contains("expected a name of letters"))
    for name in ["\"\"", "\"a\\nb\""] {
      #expect(
        message("domains=[{name: \(name), source: a.h5, target: b.h5}]").contains(
          "expected names of domains on one line"))
    }
    #expect(message("domains=[{name: a}]").contains("expected a dataset as source, as target, or both"))
    #expect(message("domains=[{name: a, target: a.h5}]").contains("expected a domain with a source"))
    #expect(
      message("domains=[{name: a, source: a.h5, target: b.h5, severity: 0.5}]").contains("expected a shift"))
    #expect(message("arms=[{name: a, pretrained: b, settings: {}}]").contains("the arm a begins with b"))
    #expect(message("regimes=[lp-ft]").contains("lp-ft begins where probe ends"))
  }
}
