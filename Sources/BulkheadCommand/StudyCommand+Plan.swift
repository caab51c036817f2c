import ArgumentParser
import Kernels
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
    }
  }
}
