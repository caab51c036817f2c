import Layers
import Networks
import Statistics
import Studies
import StudyTestSupport
import Testing
import Training

/// Claims, advice and contrasts of synthetic studies with known answers.
@Suite struct StudyClaimTests {
  private static func distance(_ a: Int, _ b: Int) -> Double { Double((a - b) * (a - b)) / 10 }

  /// Five domains on a line; pretrained fc is `slope` times the distance better than gap, and less than 0.2 points of scatter
  /// differ from pair to pair and seed to seed.
  private func analysis(
    seeds: Int = 5, slope: Double = 0.1, sourceGap: Double = 0.005, named rename: (String) -> String = { $0 },
    scratch: (Int) -> Double = { _ in 0.5 }, backbone: Int = 0,
    besides others: [String: String] = [:]
  ) throws -> StudyAnalysis {
    let names = (0..<5).map { "d\($0)" }
    let domains = names.map { "{name: \($0), source: \($0)-s.h5, target: \($0)-t.h5}" }
    let (fc, gap) = (rename("fc"), rename("gap"))
    var arms = [
      fc, gap, "\(rename("fc-random")), pretrained: \(fc), scratch: \(fc)",
      "\(rename("gap-cut")), pretrained: \(fc), scratch: \(gap)",
    ]
    arms += others.keys.sorted()
    let kinds = ["fc", "gap", "fc-random", "gap-cut"].map { (rename($0), $0) } + others.map { ($0.key, $0.value) }
    let study = try exampleStudy(
      "domains=[\(domains.joined(separator: ", "))]",
      "arms=[\(arms.map { "{settings: {}, name: \($0)}" }.joined(separator: ", "))]",
      "seeds=\(Array(1...seeds))")
    var accuracies: [Cell.Question: Double] = [:]
    var drifts: [Cell.Question: Drift] = [:]
    for seed in study.seeds {
      for (t, target) in names.enumerated() {
        for arm in [fc, gap] { accuracies[.init(arm: arm, source: nil, target: target, seed: seed)] = scratch(t) }
        for (s, source) in names.enumerated() {
          let scatter = 0.0004 * Double((s * 7 + t * 3 + Int(seed) * 5) % 11 - 5)
          let values = [
            "fc": 0.7 + slope * Self.distance(s, t) + scatter, "gap": 0.7, "fc-random": 0.68,
            "gap-cut": 0.69 + scatter / 2,
          ]
          for (arm, value) in values {
            let question = Cell.Question(arm: rename(arm), source: source, target: target, seed: seed)
            accuracies[question] = value
            let drift = (arm == "fc" ? 0.1 : 0.3) + scatter
            drifts[question] = Drift(
              layers: [
                .init(path: "features.conv1", weightDrift: drift, similarity: 1 - drift),
                .init(path: "features.conv2", weightDrift: drift + 0.2, similarity: 0.5),
                .init(path: "head.fc6", weightDrift: arm == "fc" ? 0.8 : nil),
              ], forgetting: arm == "fc" ? .init(before: 0.9, after: 0.7 + scatter, images: 100) : nil, images: 200)
          }
        }
      }
    }
    let wobble = study.seeds.map { 0.0002 * Double(Int($0) % 3) }
    let sources = Dictionary(uniqueKeysWithValues: names.map { ($0, wobble.map { 0.98 + $0 }) })
    let places = names.indices.flatMap { s in names.indices.map { (s, $0) } }
    let pairs = places.map { s, t in
      DomainDistances.Pair(
        source: names[s], target: names[t],
        primary: .init(discrepancy: Self.distance(s, t), p: 0.01, proxy: s == t ? 0.3 : 1.9),
        second: .init(discrepancy: 2 * Self.distance(s, t), p: 0.01, proxy: 1), labelOverlap: 0)
    }
    let tasks = places.map { s, t in
      TaskDistances.Pair(source: names[s], target: names[t], scores: [-Self.distance(s, t), -1])
    }
    let gapSources = sources.mapValues { values in
      values.enumerated().map { $1 - sourceGap - 0.0001 * Double($0 % 2) }
    }
    let results = StudyResults(
      study: study,
      headKinds: Dictionary(
        uniqueKeysWithValues: kinds.compactMap { name, kind in
          Mechanism.Kind(rawValue: kind).map { (name, $0) }
        }),
      accuracies: accuracies, sourceAccuracies: [fc: sources, gap: gapSources], drifts: drifts,
      costs: [
        fc: .init(parameters: 300, deployed: 300 + backbone, seconds: 4),
        gap: .init(parameters: 100, deployed: 100 + backbone, seconds: 2),
      ],
      distances: DomainDistances(key: "", samples: 10, secondDescriptor: .thumbnails, pairs: pairs),
      taskDistances: TaskDistances(key: "", pairs: tasks))
    return StudyAnalysis(results)
  }

  private func answers(_ analysis: StudyAnalysis) -> [String: StudyClaim.Answer] {
    Dictionary(
      uniqueKeysWithValues: analysis.claims.map {
        ($0.name == "C" ? String($0.statement.prefix { $0 != ":" }) : $0.name, $0.answer)
      })
  }

  @Test func whatIsThereIsFound() throws {
    let analysis = try analysis()
    #expect(
      answers(analysis) == [
        "0": .supported, "A": .supported, "B": .supported, "pretraining": .supported, "capacity": .contradicted,
      ])
    #expect(analysis.verdict?.outcome == .supported)
    #expect(
      analysis.text.contains("Claims, in percentage points:\n  0  on the source itself gap predicts as well as fc"))
  }

  @Test func aFallingAdvantageContradicts() throws {
    let found = answers(try analysis(slope: -0.1, sourceGap: 0.03))
    #expect(found["0"] == .contradicted && found["A"] == .contradicted && found["B"] == .contradicted)
    // gap better on the source by three points is as good as well.
    #expect(answers(try analysis(sourceGap: -0.03))["0"] == .supported)
  }

  @Test func noDifferenceIsInconclusiveAndFewSeedsAreADemonstration() throws {
    let flat = answers(try analysis(slope: 0))
    #expect(flat["A"] == .inconclusive && flat["B"] == .inconclusive)
    let few = try analysis(seeds: 4)
    #expect(answers(few).count == 5 && answers(few).values.allSatisfy { $0 == .demonstration })
  }

  @Test func contrastsAreGivenFarAwayToo() throws {
    let one = try #require(try analysis().contrasts.first { $0.name == "pretraining" })
    #expect(one.arm == "fc" && one.other == "fc-random")
    // Squared distances on a line of five: 5·0, 8·1, 6·4, 4·9, 2·16 tenths, a mean of 0.4; the farthest nine of 25 pairs are
    // 2·1.6, 4·0.9 and 3 of 0.4.
    #expect(abs(one.interval.estimate - (0.02 + 0.1 * 0.4)) < 0.001)
    let far = try #require(one.far)
    #expect(abs(far.interval.estimate - (0.02 + 0.1 * (2 * 1.6 + 4 * 0.9 + 3 * 0.4) / 9)) < 0.001)
    #expect(far.adjustedP >= far.interval.p)
  }

  /// A mechanism is known by the arms' kinds of head, whatever the arms are called.
  @Test func mechanismsFollowFromKindsOfHeads() throws {
    let (plain, renamed) = (try analysis(), try analysis(named: { "my \($0) arm" }))
    #expect(plain.contrasts.map(\.name) == ["pretraining", "capacity"])
    #expect(renamed.contrasts.map(\.name) == plain.contrasts.map(\.name))
    #expect(renamed.contrasts.map(\.arm) == ["my fc arm", "my fc-random arm"])
    #expect(renamed.contrasts.map(\.interval) == plain.contrasts.map(\.interval))
    #expect(renamed.contrasts.map(\.adjustedP) == plain.contrasts.map(\.adjustedP))
    #expect(renamed.contrasts.compactMap { $0.far?.interval } == plain.contrasts.compactMap { $0.far?.interval })
    // Names alone say nothing.
    let swapped = ["fc": "gap", "gap": "fc", "fc-random": "gap-cut", "gap-cut": "fc-random"]
    #expect(try analysis(named: { swapped[$0] ?? $0 }).contrasts.map(\.arm) == ["gap", "gap-cut"])
  }

  @Test func theFirstArmOfAKindCountsAndTheTableSaysSo() throws {
    #expect(try analysis().armsByKind.note(on: analysis().contrasts) == nil)
    let several = try analysis(besides: ["wide": "fc", "x": "dan", "y": "dan"])
    #expect(several.contrasts.map(\.arm) == ["fc", "fc-random"])
    let line = "Of several arms with one kind of head the first in the study's file counts: fc for fc (not wide)\n"
    #expect(several.text.contains(line))
  }

  @Test func otherAxesHaveSlopesOfTheirOwn() throws {
    let analysis = try analysis()
    let slope = try #require(analysis.verdict?.slope).estimate
    #expect(analysis.otherSlopes.map(\.axis) == [.descriptor(.thumbnails), .task])
    // Twice as far is half as steep; −LEEP's mean over two seeds is half the distance and a constant.
    #expect(abs(analysis.otherSlopes[0].slope.estimate - slope / 2) < 1e-9)
    #expect(abs(analysis.otherSlopes[1].slope.estimate - slope * 2) < 1e-9)
    #expect(
      abs(try #require(analysis.pairs.first { $0.source == "d0" && $0.target == "d2" }?.taskDistance) - 0.7) < 1e-9)
    for word in ["MMD² (thumbnails)", "−LEEP", "1.90 (saturated)"] { #expect(analysis.text.contains(word), "\(word)") }
  }

  @Test func adviceIsFromTheNearestOtherSource() throws {
    let advice = try analysis().advice
    #expect(advice.count == 25 && advice.count { $0.isNearest } == 5)
    let first = try #require(advice.first { $0.isNearest && $0.target == "d0" })
    #expect(first.source == "d1" && first.decision == .keep)
    #expect(first.text.hasPrefix("keep fc: +1.0 ± 0."))
    #expect(first.text.hasSuffix(" points; fc costs 3.0 × the parameters, 2.0 × the time"))
    let drop = try #require(try analysis(slope: -0.1).advice.first { $0.isNearest })
    #expect(drop.decision == .drop && drop.text.hasPrefix("drop fc, take gap: -1.0 ± 0."))
    #expect(try #require(try analysis(slope: 0).advice.first { $0.isNearest }).text.hasPrefix("not significant: "))
  }

  /// A frozen backbone of 300 parameters makes 600 of 300 and 400 of 100.
  @Test func costsAreThoseOfTheWholeNetwork() throws {
    let first = try #require(try analysis(backbone: 300).advice.first)
    #expect(first.costs == "1.5 × the parameters (3.0 × those trained), 2.0 × the time")
  }

  @Test func theSummaryIsAnAnswerAndATable() throws {
    let summary = try analysis(slope: 0.1).summary
    let lines = summary.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "Keep fc on d0, d1, d2, d3, d4.")
    #expect(summary.contains("d0      keep fc     d1") && summary.contains("\n\nSupported: fc's advantage"))
    #expect(lines.allSatisfy { $0.count <= 100 }, "\(summary)")
    #expect(try analysis(slope: -0.1).answer == "Leave it for gap on d0, d1, d2, d3, d4.")
    #expect(try analysis(slope: 0).answer == "No difference can be told on d0, d1, d2, d3, d4.")
    let long = try analysis(named: { $0 + String(repeating: "-long", count: 12) }).summary
    #expect(long.split(separator: "\n").filter { $0.contains("  d1  ") }.allSatisfy { $0.count <= 100 }, "\(long)")
    #expect(try analysis(seeds: 1).summary.hasPrefix("No target has results of fc and gap at two seeds"))
  }

  /// From scratch all is better on two of five targets, so that neither arm gains there.
  @Test func whatIsLeftOutIsSaid() throws {
    let analysis = try analysis(scratch: { $0 < 3 ? 0.5 : 2 })
    let text = try #require(analysis.leftOut)
    #expect(text.hasPrefix("10 of 25 pairs are left out of verdict and slope, as neither arm gains significantly"))
    let slope = try #require(analysis.slopeOfAllPairs)
    #expect(abs(slope.estimate - 0.1) < 0.01)
    let claim = try #require(analysis.claims.first { $0.name == "B" })
    #expect(claim.findings.contains { $0.label == "over all pairs, those left out too" })
    #expect(analysis.text.contains("10 of 25 pairs are left out"))
    #expect(try self.analysis().leftOut == nil && self.analysis().slopeOfAllPairs == nil)
  }

  @Test func driftsAreMeansOverPairsAndSeeds() throws {
    let analysis = try analysis()
    let fc = try #require(analysis.drifts.first { $0.arm == "fc" })
    #expect(abs(try #require(fc.estimates[.backboneDrift]).mean - 0.2) < 0.001)
    #expect(abs(try #require(fc.estimates[.headDrift]).mean - 0.8) < 1e-9)
    #expect(abs(try #require(fc.estimates[.forgetting]).mean + 0.2) < 0.001)
    #expect(fc.layers.map(\.path) == ["features.conv1", "features.conv2", "head.fc6"])
    #expect(fc.layers[2].similarity == nil)
    #expect(abs(try #require(fc.layers[1].weightDrift).mean - 0.3) < 0.001)
    // gap has no head layers and no forgetting, so that two numbers can be compared.
    #expect(analysis.driftContrasts.map(\.number) == [.backboneDrift, .backboneSimilarity])
    #expect(abs(analysis.driftContrasts[0].interval.estimate + 0.2) < 1e-9)
    #expect(abs(analysis.driftContrasts[1].interval.estimate - 0.1) < 1e-9)
  }
}
