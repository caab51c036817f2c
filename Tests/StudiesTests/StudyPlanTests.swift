import Studies
import Testing
import Training

/// A study of two arms, two targets and two seeds.
func exampleStudy(_ changes: String...) throws -> Study {
  var node = try YAMLNode(
    parsing: """
      name: example
      source: {name: digits, path: datasets/digits.h5}
      targets: [{name: digits, path: datasets/held-out.h5}, {name: shirts, path: datasets/shirts.h5}]
      arms:
        - {name: fc, settings: {network: {head: {kind: fc, width: 8}}}}
        - {name: gap, settings: {network: {head: {kind: gap}}}, pretraining: {epochs: 7}, rates: [0.1, 0.2, 0.3]}
      seeds: [1, 2]
      rates: [0.01, 0.02]
      common: {data: {batch: 8, sizes: [32, 36]}}
      pretraining: {epochs: 5}
      finetuning: {epochs: 3, data: {trainPerClass: 20}}
      """, source: "study.yaml")
  for change in changes { try node.set(change) }
  return try StrictDecoder(source: "study.yaml").decode(Study.self, from: node)
}

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

  @Test func piecesAreLaidOverEachOther() throws {
    let plan = try plan()
    #expect(plan.sources.map { "\($0.arm)-\($0.seed)" } == ["fc-1", "fc-2", "gap-1", "gap-2"])
    #expect(plan.sources.map(\.configuration.epochs) == [5, 5, 7, 7])
    #expect(plan.cells.count == 2 * 2 * 2 * 2)
    #expect(plan.runs.count == 4 + 8 * 2 + 8 * 3)
    let cell = try #require(plan.cells.first { $0.arm == "gap" && $0.seed == 2 && $0.start == .pretrained })
    let run = try #require(cell.runs.last)
    #expect(
      run.configuration.data
        == DataConfiguration(
          path: "datasets/held-out.h5", trainPerClass: 20, sizes: [32, 36], batch: 8))
    #expect(run.configuration.epochs == 3 && run.configuration.seed == 2)
    #expect(run.rate == 0.3)
    let text = try YAMLText.encode(run.configuration)
    #expect(text.contains("rate: 0.3\n") && text.contains("kind: gap\n"))
    #expect(cell.source == plan.sources[3].directory)
    #expect(
      run.configuration.weights == WeightsConfiguration(from: plan.sources[3].directory.best))
    #expect(
      plan.cells.filter { $0.start == .scratch }.allSatisfy { $0.runs.allSatisfy { $0.configuration.weights == nil } })
  }

  @Test func namesFollowFromConfigurationsAlone() throws {
    let names = try plan().runs.map(\.directory.path)
    #expect(Set(names).count == names.count)
    #expect(try plan().runs.map(\.directory.path) == names)
    #expect(try plan("workers=4").runs.map(\.directory.path) == names)
    // Nor where the study lies: its directory can be moved.
    #expect(try plan(directory: "elsewhere").runs.map(\.directory.name) == plan().runs.map(\.directory.name))
    // Another seed adds runs and leaves the others as they are.
    #expect(Set(try plan("seeds=[1, 2, 3]").runs.map(\.directory.path)).isSuperset(of: names))
    // Another pretraining renames source models and what begins with them, and nothing else.
    let changed = try plan("pretraining.epochs=6").runs
    let kept = zip(try plan().runs, changed).filter { $0.directory == $1.directory }.map(\.0)
    #expect(kept.allSatisfy { $0.arm == "gap" || $0.configuration.weights == nil })
    #expect(kept.count == 2 + 8 * 3 + 4 * 2)
    #expect(names[0].count == "checkpoints/example/".count + 16)
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
    #expect(message("rates=[]").contains("expected rates above 0"))
  }
}
