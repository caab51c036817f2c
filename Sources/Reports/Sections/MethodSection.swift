internal import Foundation
internal import Networks
internal import Serialization
internal import Statistics
internal import Studies
internal import Support
internal import Training

/// The method, written from the study's configuration, and the limits of its results.
struct MethodSection {
  let evidence: Evidence
  private var plan: StudyPlan { evidence.plan }
  private var study: Study { plan.study }
  private var analysis: StudyAnalysis { evidence.analysis }

  var method: String {
    let base = plan.cells.first?.base
    var body = Markup.list([
      "Domains: " + study.domains.map(described).joined(separator: ", ")
        + "."
        + (evidence.findings.sharedImages?.isEmpty == true ? " No source model has seen an image of a target." : ""),
      "Arms: " + study.arms.map(described).joined(separator: "; ") + ".",
      "Regimes: " + study.regimes.map(\.rawValue).joined(separator: ", ") + ". Training images per class: "
        + (study.sizes.isEmpty
          ? base?.data.trainPerClass.map(String.init) ?? "all there are"
          : study.sizes.sorted().map(String.init).joined(separator: ", ")) + ".",
      "Seeds \(study.seeds.map(String.init).joined(separator: ", ")): a seed fixes split, order and initialization for all "
        + "arms alike, and each has its own source models.",
      selectionRule,
      validation + ", as many in every arm.",
      distances,
      analysis.arms.map {
        "Δ = [\($0.first) − \($0.second)] pretrained − [\($0.first) − \($0.second)] from scratch, paired by seed; primary "
          + "is the regime full" + (analysis.size.map { " at \($0) training images per class" } ?? "")
          + "; all else is exploratory."
      } ?? "One arm: no Δ.",
      "A pair on which neither arm gains over scratch by more than its interval is shown, but excluded from the verdict.",
      "Slope by least squares with effects of source and target, its interval by the jackknife over targets; "
        + "verdict from \(Verdict.fewestDomains) domains and \(Verdict.fewestSeeds) seeds on: supported where β's interval "
        + "and the mean Δ of the farthest third of pairs (p by Holm over thirds) both lie above 0, contradicted where "
        + "both lie below, else inconclusive.",
    ])
    if let base, let text = try? YAMLText.encode(base) {
      body += Markup.details(
        "The first cell's configuration, without its learning rate", "<pre><code>\(Markup.escaped(text))</code></pre>\n"
      )
    }
    return body + "<p class=\"dim\"><a href=\"study.yaml\">study.yaml</a> is the study, "
      + "<a href=\"reproduce.sh\">reproduce.sh</a> runs it again. \(Markup.escaped(machine))</p>\n"
  }

  private func described(_ domain: Domain) -> String {
    let roles = [
      domain.source.map { "source \($0)" }, domain.target.map { "target \($0)" }, domain.derivation?.recipe,
    ]
    return "\(domain.name) (\(roles.compactMap { $0 }.joined(separator: "; ")))"
  }

  private func described(_ arm: Study.Arm) -> String {
    let head = plan.cells.first { $0.question.arm == arm.name }?.base.network.head
    let parts = [
      head.map { head in
        "head \(head.kind.rawValue)"
          + (head.kind.isFullyConnected
            ? [head.width.map { " \($0) wide" }, head.depth.map { " \($0) deep" }].compactMap { $0 }.joined(
              separator: ",")
            : "")
      },
      arm.pretrained.map { "on source models of \($0)" } ?? "source models of its own",
      "learning rates " + (arm.learningRates ?? study.learningRates).map { "\($0)" }.joined(separator: ", "),
    ]
    return "\(arm.name) (\(parts.compactMap { $0 }.joined(separator: "; ")))"
  }

  private var distances: String {
    guard let distances = analysis.results.distances else { return "Distances were not measured." }
    return "Distance before any training on a target, on \(distances.samples) training images of each domain: unbiased "
      + "MMD² with a Gaussian kernel of one bandwidth for all pairs, p by permutations, on \(distances.descriptor.title)"
      + (distances.secondDescriptor.map { "; a second one on \($0.title)" } ?? "")
      + "; the proxy A-distance, saturated above 1.8; distance of tasks −LEEP of the first arm's source models; the share "
      + "of class names in both."
  }

  private var selectionRule: String {
    "Selection by validation \(selectionMetrics), then the smaller learning rate, among an arm's learning rates and up to "
      + "\(study.search.extensions) more beyond an end of the grid where the best lies"
      + (study.search.seeds == .first
        ? ", at the first seed alone; the other seeds take its learning rate" : ", at each seed")
      + ". The test images are read once per cell, after selection."
  }

  /// The metrics that select, in order; the first two decide but for ties.
  private var selectionMetrics: String {
    (plan.cells.first?.base.metrics ?? Classification.metrics).prefix(2).map(\.name).joined(separator: ", then ")
  }

  /// What cells were selected on.
  private var validation: String {
    let cross = plan.cells.first { $0.folds > 0 }.map {
      "stratified cross-validation in \($0.folds) folds of the training images, at \(Study.Search.mostForFolds) images per class "
        + "or fewer: a learning rate's score is the mean of its folds' validation metrics after the last epoch; then a refit on all of them, "
        + "without validation, whose last weights are tested"
    }
    let images = plan.cells.first { $0.folds == 0 }.map {
      "validation images of their own, "
        + ($0.base.data.validationPerClass.map { "\($0) per class" } ?? "all there are")
    }
    return "Validation: " + [cross, images].compactMap { $0 }.joined(separator: "; above that ")
  }

  private var machine: String {
    let model = (try? TextFile.read("/proc/cpuinfo"))?.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    return "This report was written on \(name), \(ProcessInfo.processInfo.activeProcessorCount) cores, "
      + "\(ProcessInfo.processInfo.operatingSystemVersionString), with \(Versions.text)."
  }

  // MARK: Doubts

  /// What could change the verdict, and its limits.
  var doubts: String {
    var items: [String] = []
    if let verdict = analysis.verdict {
      if verdict.outcome == .demonstration {
        items.append(
          "There is no verdict below \(Verdict.fewestDomains) domains that are source and target, and "
            + "\(Verdict.fewestSeeds) seeds: add domains or seeds; only what is new is run.")
      }
      if let text = verdict.requirement?.text { items.append(text) }
      if let far = verdict.thirds.last, let slope = verdict.slope, verdict.outcome != .demonstration {
        items.append(
          "The verdict requires that β's interval (\(slope.interval.points)) and the farthest third's mean Δ "
            + "(\(far.interval.points), p \(far.adjustedP.formatted(digits: 4))) lie on one side of 0.")
      }
    }
    if let slope = analysis.verdict?.slope?.interval.estimate {
      for other in analysis.otherSlopes {
        let agrees = (other.slope.interval.estimate > 0) == (slope > 0)
        items.append(
          "The slope over another distance \(agrees ? "agrees in sign" : "disagrees in sign"): \(other.axis.label) "
            + "\(other.slope.interval.points).")
      }
    }
    items += (evidence.findings.sharedImages ?? []).map { $0.sentence + "." }
    let idle = analysis.pairs.filter { !$0.isTransfer && $0.interval != nil }
    if !idle.isEmpty {
      items.append(
        "\(idle.count) of \(analysis.pairs.count) pairs have nothing to protect and are excluded: "
          + idle.map { "\($0.source) → \($0.target)" }.joined(separator: ", ") + ".")
    }
    let selections = evidence.runs.values.map(\.selection)
    let edges = selections.count { !$0.isInside && !$0.hasDiverged }
    if edges > 0 {
      items.append(
        "\(edges) of \(selections.count) chosen learning rates lie at the edge of their grid: a better one may lie beyond."
      )
    }
    let diverged = selections.count { $0.hasDiverged }
    if diverged > 0 {
      items.append("\(diverged) of \(selections.count) cells diverged at every learning rate and count as 0.")
    }
    let open = plan.cells.count - evidence.runs.count
    if open > 0 { items.append("\(open) of \(plan.cells.count) cells are not done yet: all numbers may change.") }
    return items.isEmpty ? "" : Markup.list(items)
  }
}
