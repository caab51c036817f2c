internal import Statistics
internal import Studies
internal import Training

/// Accuracy against training size, and over epochs.
struct LearningFigures {
  let evidence: Evidence
  private var study: Study { evidence.study }

  /// The compared arms first; beside them all others, which are shown apart.
  private var groups: [(isCompared: Bool, suffix: String, arms: [Study.Arm])] {
    let compared = evidence.analysis.arms.map { [$0.first, $0.second] } ?? study.arms.prefix(2).map(\.name)
    return [
      (true, "", study.arms.filter { compared.contains($0.name) }),
      (false, ", other arms", study.arms.filter { !compared.contains($0.name) }),
    ]
  }

  /// Accuracy against training size, averaged over pairs: of the compared arms, and of the others.
  var sizes: [Figure] {
    guard study.sizes.count > 1 else { return [] }
    return groups.compactMap { group in
      let series = series(of: group.arms.filter { ($0.sizes ?? study.sizes).count > 1 }) { arm, isScratch in
        study.sizes.sorted().compactMap { size in
          let conditions = evidence.conditions(of: arm.name, isScratch: isScratch, size: size)
          return Plot.Point(
            x: Double(size), seeds: evidence.means(over: conditions) { $1 }, times: 100,
            runs: evidence.runNames(conditions))
        }
      }
      guard !series.isEmpty else { return nil }
      let plot = Plot(
        title: "\(evidence.results.measureTitle) against training size" + group.suffix,
        xLabel: "training images per class",
        yLabel: "test \(evidence.measure), %", series: series, scale: .factors, width: 460, height: 320, xDigits: 0)
      return Figure(
        "sizes" + (group.isCompared ? "" : "-others"), plot,
        caption: "Means over all pairs, 95 % intervals over seeds; equal steps are equal factors.")
    }
  }

  /// Validation accuracy by epoch on each target: of the compared arms, and of the others.
  var curves: [(isCompared: Bool, figure: Figure)] {
    study.targets.map(\.name).enumerated().flatMap { place, target in
      groups.compactMap { group in
        curve(on: target, "\(place + 1)\(group.isCompared ? "" : "-others")", of: group.arms, group.suffix).map {
          (group.isCompared, $0)
        }
      }
    }
  }

  private func curve(on target: String, _ name: String, of arms: [Study.Arm], _ suffix: String) -> Figure? {
    let series = series(of: arms) { arm, isScratch in
      let conditions = evidence.conditions(of: arm.name, isScratch: isScratch, size: evidence.size, on: target)
      let runs = conditions.flatMap(evidence.runs)
      let last = runs.compactMap { $0.curve?.epochs.count }.max() ?? 0
      return (0..<last).compactMap { index in
        let bySeed = evidence.means(over: conditions) { run, _ in
          // A run that ended early stays where it was.
          run.curve.flatMap { $0.epochs.prefix(index + 1).last?.validationAccuracy }
        }
        guard let mean = Estimate(bySeed)?.mean, let low = bySeed.min(), let high = bySeed.max() else { return nil }
        return Plot.Point(x: Double(index + 1), y: 100 * mean, low: 100 * low, high: 100 * high, runs: runs.map(\.name))
      }
    }
    guard !series.isEmpty else { return nil }
    let plot = Plot(
      title: "Learning on \(target)" + suffix, xLabel: "epoch", yLabel: "validation \(evidence.measure), %",
      series: series,
      width: 460, height: 320, xDigits: 0)
    return Figure(
      "curves-\(name)", plot, caption: "Chosen runs, means over sources; bands span the seeds.")
  }

  /// A band for each arm pretrained, and for each from scratch that trains its own; without points there is none.
  private func series(
    of arms: [Study.Arm], _ points: (_ arm: Study.Arm, _ isScratch: Bool) -> [Plot.Point]
  ) -> [Plot.Series] {
    arms.flatMap { arm in
      [false, true].filter { !$0 || study.scratchArm(of: arm) == arm.name }.compactMap { isScratch in
        let points = points(arm, isScratch)
        return points.isEmpty
          ? nil
          : Plot.Series(
            name: "\(arm.name) \(isScratch ? "from scratch" : "pretrained")",
            look: evidence.look(arm.name, isDashed: isScratch), style: .band, points: points)
      }
    }
  }
}
