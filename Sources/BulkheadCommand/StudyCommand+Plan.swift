import ArgumentParser
import Kernels
import Statistics
import Studies
import Support
import Training

extension StudyCommand {
  struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what would be run, and estimate the time.",
      discussion: "The time is estimated from a few training steps of every arm, run now; nothing is written.")
    @OptionGroup var options: StudyOptions
    @OptionGroup var concurrency: StudyWorkers

    func run() throws {
      let plan = try options.plan(workers: concurrency.workers)
      let estimate = try StudyEstimate(plan)
      let counts = [
        ["domains", "\(plan.study.domains.count)"],
        ["source models", "\(plan.sources.count)"],
        ["cells, each tested once", "\(plan.cells.count)"],
        ["fine-tuning runs in the first grids", "\(estimate.runs)"],
        ["more of them, if every search extends its grid", "\(estimate.moreRuns)"],
        ["jobs done", "\(estimate.done)"],
        ["jobs left, without extensions", "\(estimate.left)"],
      ]
      print(TextTable(header: ["what", "count"], rows: counts).text)
      let seconds = try estimate.secondsLeft()
      print(
        "about \((seconds / 60).formatted(digits: 1)) minutes with \(plan.study.workers) workers on a core each, "
          + "\((Double(estimate.bytes) / 1e6).formatted(digits: 0)) MB of weights on the disk when its runs are done")
      for line in Self.power(of: plan.study).wrapped(width: 100) { print(line) }
    }

    /// The smallest effect that the study can tell.
    private static func power(of study: Study) -> String {
      let (domains, seeds) = (min(study.sources.count, study.targets.count), study.seeds.count)
      func points(_ value: Double) -> String { (100 * value).formatted(digits: 1) }
      var text = "Simulated with differences between runs of 2 percentage points (one standard deviation): "
      if domains < Verdict.fewestDomains || seeds < Verdict.fewestSeeds {
        text +=
          "\(domains) domains of both roles and \(seeds) seeds give no verdict, which takes "
          + "\(Verdict.fewestDomains) and \(Verdict.fewestSeeds)"
      } else if let slope = StudySimulation.smallestSlope(domains: domains, seeds: seeds) {
        text +=
          "with \(domains) domains and \(seeds) seeds, four of five studies tell an advantage that grows by "
          + "\(points(slope)) points from the nearest to the farthest pairs"
      } else {
        text += "with \(domains) domains and \(seeds) seeds, no growth of the advantage is told reliably"
      }
      let width = StudySimulation.pairHalfWidth(seeds: seeds).map { "± \(points($0)) points" }
      return text + "; on one pair, Δ is known to \(width ?? "no interval, which takes two seeds")."
    }
  }
}
