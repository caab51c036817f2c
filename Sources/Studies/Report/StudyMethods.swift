internal import Foundation
internal import Training

/// The report's section on method, written from the study's own configuration.
struct StudyMethods {
  let plan: StudyPlan
  let analysis: StudyAnalysis

  var html: String {
    let study = plan.study
    let selections = analysis.results.selections.values
    let edges = selections.count { !$0.isInside }
    let diverged = selections.count { $0.hasDiverged }
    let base = plan.cells.first?.base
    var items = [
      "Domains: "
        + study.domains.map { domain in
          let roles = [domain.source.map { "source \($0)" }, domain.target.map { "target \($0)" }].compactMap { $0 }
          return "\(domain.name) (\((roles + [domain.derivation?.recipe].compactMap { $0 }).joined(separator: "; ")))"
        }.joined(separator: ", ") + ".",
      "Seeds \(study.seeds.map(String.init).joined(separator: ", ")); a seed fixes split, order and initialisation for all "
        + "arms alike, and each has its own source models.",
      "Selection by validation accuracy, then loss, then the smaller rate, among \(rates) and up to "
        + "\(study.search.extensions) more beyond an end where the best lies"
        + (study.search.seeds == .first ? ", at the first seed alone; the other seeds take its rate" : "")
        + ". \(edges) of \(selections.count) chosen rates lie at the edge of their grid; \(diverged) cells diverged. "
        + "The test images are read once a cell, after selection.",
      validation + ", as many in every arm.",
      "Distance before any training on a target, on \(analysis.results.distances?.samples ?? 0) training images of each "
        + "domain: unbiased MMD² with a Gaussian kernel of one bandwidth, on histograms of gradient directions with pooled "
        + "colours and gradients; beside it the proxy A-distance and the share of class names in both.",
      "Δ = [first − second] pretrained − [first − second] from scratch, primary regime full"
        + (analysis.size.map { ", \($0) training images a class" } ?? "") + "; all else is exploratory.",
      "Slope by least squares with effects of source and target, its interval by leaving out one target at a time; "
        + "verdict from \(Verdict.fewestDomains) domains and \(Verdict.fewestSeeds) seeds on.",
    ]
    if let base, let text = try? YAMLText.encode(base) {
      items.append("The first cell's configuration without its rate:")
      return list(items) + "<pre><code>\(Markup.escaped(text))</code></pre>\n" + machine
    }
    return list(items) + machine
  }

  /// What cells were selected on.
  private var validation: String {
    let folds = plan.cells.first { $0.folds > 0 }?.folds
    let own = plan.cells.first { $0.folds == 0 }
    let cross = folds.map {
      "stratified cross-validation in \($0) folds of the training images, at \(Study.Search.mostForFolds) images a class or "
        + "fewer: a rate's score is the mean of its folds' accuracies after the last epoch; then a refit on all of them, "
        + "without validation, whose last weights are tested"
    }
    let images = own.map {
      "validation images of their own, "
        + ($0.base.data.validationPerClass.map { "\($0) a class" } ?? "all there are")
    }
    return "Validation: " + [cross, images].compactMap { $0 }.joined(separator: "; above that ")
  }

  private func list(_ items: [String]) -> String {
    "<ul>\(items.map { "<li>\(Markup.escaped($0))</li>" }.joined(separator: "\n"))</ul>\n"
  }

  private var rates: String {
    plan.study.arms.map { arm in
      "\(arm.name): \((arm.rates ?? plan.study.rates).map { "\($0)" }.joined(separator: ", "))"
    }.joined(separator: "; ")
  }

  private var machine: String {
    let model = (try? RunDirectory.read("/proc/cpuinfo"))?.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = model?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
    return
      "<p class=\"dim\">Written on \(Markup.escaped(name)), \(ProcessInfo.processInfo.activeProcessorCount) cores, "
      + "\(Markup.escaped(ProcessInfo.processInfo.operatingSystemVersionString)).</p>\n"
  }
}
