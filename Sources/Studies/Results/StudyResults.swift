internal import Training

/// Test accuracies of a study, by arm, target, start and seed.
package struct StudyResults: Sendable, Equatable {
  package struct Key: Hashable, Sendable {
    package var arm: String
    package var target: String
    package var start: Start
    package var seed: UInt64

    package init(arm: String, target: String, start: Start, seed: UInt64) {
      (self.arm, self.target, self.start, self.seed) = (arm, target, start, seed)
    }
  }

  package let study: Study
  package var accuracies: [Key: Double]
  /// Test accuracies of the source models by arm, in order of seeds.
  package var sourceAccuracies: [String: [Double]]

  package init(study: Study, accuracies: [Key: Double], sourceAccuracies: [String: [Double]]) {
    (self.study, self.accuracies, self.sourceAccuracies) = (study, accuracies, sourceAccuracies)
  }

  /// Reads what the runs of a plan have come to so far.
  package init(_ plan: StudyPlan) throws {
    study = plan.study
    (accuracies, sourceAccuracies) = ([:], [:])
    for cell in plan.cells {
      guard let selection = Selection(in: cell, results: try cell.runs.map { try $0.directory.loadResult() }) else {
        continue
      }
      accuracies[Key(arm: cell.arm, target: cell.target, start: cell.start, seed: cell.seed)] =
        try selection.testAccuracy()
    }
    for source in plan.sources {
      if let accuracy = try StudyPlan.testAccuracy(of: source) {
        sourceAccuracies[source.arm, default: []].append(accuracy)
      }
    }
  }

  /// Mean accuracy over seeds.
  package func accuracy(of arm: String, on target: String, from start: Start) -> Estimate? {
    Estimate(study.seeds.compactMap { accuracies[Key(arm: arm, target: target, start: start, seed: $0)] })
  }

  /// Difference of gains, paired by seed: Δ = [arm − other] pretrained − [arm − other] from scratch.
  package func gainDifference(of arm: String, over other: String, on target: String) -> Estimate? {
    Estimate(
      study.seeds.compactMap { seed in
        func value(_ arm: String, _ start: Start) -> Double? {
          accuracies[Key(arm: arm, target: target, start: start, seed: seed)]
        }
        guard let a = value(arm, .pretrained), let b = value(other, .pretrained), let c = value(arm, .scratch),
          let d = value(other, .scratch)
        else { return nil }
        return (a - b) - (c - d)
      })
  }
}
