package import Statistics
internal import Support
internal import Training

/// One of the claims that a study tests, with its findings.
package struct StudyClaim: Sendable, Equatable {
  /// The study's answer.
  package enum Answer: String, Sendable {
    case supported, contradicted, inconclusive
    /// Too few domains or seeds for any of the three.
    case demonstration
  }

  /// A number that the answer is based on.
  package struct Finding: Sendable, Equatable {
    /// What the number is, in words.
    package var label: String
    /// The interval in accuracy; nil if there is none.
    package var interval: Interval?
    /// Adjusted where it is one of a family.
    package var p: Double?

    /// Label, interval in percentage points and p.
    package var text: String {
      [label, interval?.points, p.map { "p \($0.formatted(digits: 3))" }].compactMap { $0 }.joined(separator: " ")
    }
  }

  /// 0, A, B, or C with its contrast.
  package var name: String
  /// The claim in words.
  package var statement: String
  /// The study's answer.
  package var answer: Answer
  /// The first is the one that the answer rests on.
  package var findings: [Finding]

  /// Name, statement, answer and findings in a line.
  package var text: String {
    "\(name)  \(statement): \(answer.rawValue). " + findings.map(\.text).joined(separator: "; ")
  }

  /// The margin of "as well as": one percentage point.
  static let margin = 0.01
}

extension StudyAnalysis {
  /// The claims one by one; none with one arm.
  package var claims: [StudyClaim] {
    guard let arms else { return [] }
    return [equality(arms), sign(arms), interaction(arms)] + mechanism
  }

  /// Whether the study is too small for any answer.
  private var isDemonstration: Bool {
    min(results.study.sources.count, results.study.targets.count) < Verdict.fewestDomains
      || results.study.seeds.count < Verdict.fewestSeeds
  }

  /// 0: supported if `second` is significantly less than one point worse, contradicted if significantly more.
  private func equality(_ arms: (first: String, second: String)) -> StudyClaim {
    let study = results.study
    var rows: [(domain: String, values: [Double])] = []
    for domain in study.sources.map(\.name) {
      let a = results.sourceAccuracies[arms.first]?[domain] ?? []
      let b = results.sourceAccuracies[arms.second]?[domain] ?? []
      if a.count == study.seeds.count, b.count == a.count, a.count > 1 {
        rows.append((domain, zip(a, b).map { $0 - $1 }))
      }
    }
    let means = study.seeds.indices.map { seed in
      rows.reduce(0) { $0 + $1.values[seed] } / Double(max(rows.count, 1))
    }
    let overall = rows.isEmpty ? nil : Interval(mean: means)
    var answer = StudyClaim.Answer.inconclusive
    if isDemonstration {
      answer = .demonstration
    } else if let overall {
      if overall.upper < StudyClaim.margin { answer = .supported }
      if overall.lower > StudyClaim.margin { answer = .contradicted }
    }
    return StudyClaim(
      name: "0", statement: "on the source itself \(arms.second) predicts as well as \(arms.first), to a point",
      answer: answer,
      findings: [
        .init(
          label: overall == nil ? "too few seeds" : "\(arms.first) − \(arms.second) of source models", interval: overall
        )
      ]
        + rows.map { .init(label: $0.domain, interval: Interval(mean: $0.values)) })
  }

  /// A: Δ of the farthest third of pairs.
  private func sign(_ arms: (first: String, second: String)) -> StudyClaim {
    let far = verdict?.thirds.last
    var answer = StudyClaim.Answer.inconclusive
    if verdict?.outcome ?? .demonstration == .demonstration {
      answer = .demonstration
    } else if let far,
      far.adjustedP < Verdict.significance
    {
      answer = far.interval.estimate > 0 ? .supported : .contradicted
    }
    let label = far.map {
      "mean Δ of the farthest third (MMD² \($0.distances.lowerBound.formatted(digits: 3)) to "
        + "\($0.distances.upperBound.formatted(digits: 3)))"
    }
    return StudyClaim(
      name: "A", statement: "\(arms.first) has the advantage on far targets", answer: answer,
      findings: [.init(label: label ?? "too few pairs", interval: far?.interval, p: far?.adjustedP)])
  }

  /// B: the slope; with A it is the verdict.
  private func interaction(_ arms: (first: String, second: String)) -> StudyClaim {
    let slope = verdict?.slope?.interval
    var answer = StudyClaim.Answer.inconclusive
    if verdict?.outcome ?? .demonstration == .demonstration {
      answer = .demonstration
    } else if let slope {
      if slope.lower > 0 { answer = .supported }
      if slope.upper < 0 { answer = .contradicted }
    }
    var findings: [StudyClaim.Finding] = [
      .init(
        label: slope == nil ? "the pairs determine no slope" : "Δ per unit of MMD²", interval: slope,
        p: nil)
    ]
    if let apart = verdict?.slopeBetweenDomains?.interval {
      findings.append(.init(label: "without pairs of a domain with itself", interval: apart, p: verdict?.assignmentP))
    }
    if let all = slopeOfAllPairs {
      findings.append(.init(label: "over all pairs, those left out too", interval: all.interval))
    }
    findings += otherSlopes.map { .init(label: $0.axis.label, interval: $0.slope.interval) }
    return StudyClaim(
      name: "B", statement: "\(arms.first)'s advantage grows with distance", answer: answer, findings: findings)
  }

  /// C: one claim per contrast, one Holm family over all pairs; the far third is a family of its own.
  private var mechanism: [StudyClaim] {
    contrasts.map { one in
      var answer = StudyClaim.Answer.inconclusive
      if isDemonstration {
        answer = .demonstration
      } else if one.adjustedP < Verdict.significance {
        answer = one.interval.estimate > 0 ? .supported : .contradicted
      }
      var findings = [
        StudyClaim.Finding(label: "\(one.arm) − \(one.other) over all pairs", interval: one.interval, p: one.adjustedP)
      ]
      if let far = one.far {
        findings.append(.init(label: "over the farthest third", interval: far.interval, p: far.adjustedP))
      }
      return StudyClaim(
        name: "C", statement: "\(one.name): \(one.arm) does better than \(one.other)", answer: answer,
        findings: findings)
    }
  }
}
