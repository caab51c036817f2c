internal import Networks
internal import Statistics
internal import Studies
internal import Training

/// The gain and cost of wider or deeper FC layers: the arms with an `fc` head and their own source models.
struct WidthDepthFigures {
  let evidence: Evidence

  private struct Arm {
    var name: String
    var width: Int
    var depth: Int
  }

  /// Arms by depth, then width; without hidden layers there is no width.
  private var arms: [Arm] {
    evidence.study.arms.compactMap { arm -> Arm? in
      let cell = evidence.plan.cells.first { $0.question.arm == arm.name }
      guard arm.pretrained == nil, let head = cell?.base.network.head, head.kind == .fc, let depth = head.depth else {
        return nil
      }
      return Arm(name: arm.name, width: depth == 0 ? 0 : head.width ?? 0, depth: depth)
    }.sorted { ($0.depth, $0.width) < ($1.depth, $1.width) }
  }

  /// Arms may have parts of the sources; what is compared has the same pairs.
  private func pretrained(_ arm: String) -> [StudyResults.Condition] {
    let shown = Set(arms.map(\.name) + [evidence.analysis.arms?.second].compactMap { $0 })
    let shared = evidence.study.sources.map(\.name).filter { source in
      evidence.study.arms.allSatisfy {
        !shown.contains($0.name) || evidence.study.sources(of: $0).contains { $0.name == source }
      }
    }
    return evidence.conditions(of: arm, size: evidence.size).filter { $0.source.map(shared.contains) ?? false }
  }

  /// A measure of an arm against depth, one line per width, beside the second compared arm, which has no FC layer.
  private func figure(
    _ name: String, _ title: String, _ label: String, digits: Int, times factor: Double = 1, hasZeroLine: Bool = false,
    caption: String, _ value: (String) -> [Double]
  ) -> Figure? {
    let arms = arms
    guard arms.count > 1 else { return nil }
    let depths = Set(arms.map(\.depth)).sorted()
    func point(_ arm: Arm) -> Plot.Point? {
      Plot.Point(
        x: Double((depths.firstIndex(of: arm.depth) ?? 0) + 1), seeds: value(arm.name), times: factor, text: arm.name,
        runs: evidence.runNames(pretrained(arm.name)))
    }
    let widths = Set(arms.map(\.width)).sorted()
    var series = widths.enumerated().compactMap { place, width -> Plot.Series? in
      let points = arms.filter { $0.width == width }.compactMap(point)
      return points.isEmpty
        ? nil
        : Plot.Series(
          name: width == 0 ? "no hidden layer" : "width \(width)", look: SVG.Look(arm: place), style: .line,
          points: points)
    }
    guard !series.isEmpty else { return nil }
    if let other = evidence.analysis.arms?.second, !arms.contains(where: { $0.name == other }),
      let mean = Estimate(value(other))?.mean
    {
      let line = [1, Double(depths.count)].map {
        Plot.Point(x: $0, y: factor * mean, text: other, runs: evidence.runNames(pretrained(other)))
      }
      var look = SVG.Look.faint
      look.isDashed = true
      series.append(Plot.Series(name: other, look: look, style: .line, points: line))
    }
    let plot = Plot(
      title: title, xLabel: "hidden FC layers", yLabel: label, series: series, scale: .names(depths.map(String.init)),
      width: 460, height: 320, hasZeroLine: hasZeroLine, digits: digits)
    return Figure(name, plot, caption: caption)
  }

  var all: [Figure] {
    let seeds = "Means over the pairs that all of these arms have, 95 % intervals over seeds."
    return [
      figure(
        "width-depth-gain", "Gain by pretraining", "gain over scratch, percentage points", digits: 2, times: 100,
        hasZeroLine: true,
        caption: "Pretrained minus from scratch. " + seeds
      ) { arm in
        evidence.study.seeds.compactMap { seed in
          Estimate(
            pretrained(arm).compactMap { condition in
              guard let a = evidence.results.accuracy(condition, seed: seed),
                let b = evidence.results.scratch(of: condition).flatMap({ evidence.results.accuracy($0, seed: seed) })
              else { return nil }
              return a - b
            })?.mean
        }
      },
      figure(
        "width-depth-accuracy", "\(evidence.results.measureTitle) after transfer", "test \(evidence.measure), %",
        digits: 2, times: 100, caption: seeds
      ) { evidence.means(over: pretrained($0)) { $1 } },
      figure(
        "width-depth-gap", "Overfitting", "train − test, percentage points", digits: 2, times: 100, hasZeroLine: true,
        caption: "Training accuracy (in training mode, with dropout and augmentation) minus test accuracy. "
          + seeds
      ) { arm in
        evidence.means(over: pretrained(arm)) { run, accuracy in
          run.trainAccuracy.flatMap { train in accuracy.map { train - $0 } }
        }
      },
      figure(
        "width-depth-time", "Time of fine-tuning", "seconds per run", digits: 2, hasZeroLine: true,
        caption: "Wall-clock time on one thread, including the effect of other load on the machine. " + seeds
      ) { evidence.means(over: pretrained($0)) { run, _ in run.cost?.seconds } },
      figure(
        "width-depth-parameters", "Parameters", "million parameters", digits: 3, hasZeroLine: true,
        caption: "Mean over targets, whose classifiers differ."
      ) { evidence.means(over: pretrained($0)) { run, _ in run.network.map { Double($0.parameters) / 1e6 } } },
    ].compactMap { $0 }
  }
}
