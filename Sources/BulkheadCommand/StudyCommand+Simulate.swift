import ArgumentParser
import Statistics
import Support
import Training

extension StudyCommand {
  /// Shows how often the verdict is right on simulated studies with known true effects.
  struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the statistics on simulated studies whose true effects are known.",
      discussion: """
        Draws random studies with known effects, runs a study's analysis on each, and prints how often the confidence \
        intervals cover the truth and how often the verdict is "supported" or "contradicted".
        """)
    @Option(help: "Studies per truth.") var studies = 1000
    @Option(help: "Seeds of each study.") var seeds = 5
    @Option(help: "Numbers of domains.") var domains = [5, 6, 8]

    func validate() throws {
      guard studies > 0, seeds > 1, domains.allSatisfy({ $0 > 3 }) else {
        throw ValidationError("expected at least 1 study, 2 seeds and 4 domains")
      }
    }

    func run() throws {
      typealias Truth = StudySimulation.Truth
      var table = TextTable(
        header: [
          "truth", "domains", "β covered", "s ≠ t", "s ≠ t, domains out", "Δ covered", "supported", "contradicted",
          "β ±",
        ])
      func percent(_ share: Double) -> String { (100 * share).formatted(digits: 1) }
      for count in domains {
        for truth in Truth.demanded + Truth.harder {
          let score = StudySimulation(domains: count, seeds: seeds, truth: truth).score(studies: studies)
          table.rows.append(
            [truth.name, "\(count)"]
              + [
                score.covered, score.coveredBetweenDomains, score.coveredLeavingOutDomains, score.pairsCovered,
                score.supported, score.contradicted,
                score.halfWidth,
              ].map(percent))
        }
      }
      print(
        "\(studies) studies per truth, \(seeds) seeds each; percent of studies, β's half-width in percentage points\n")
      print(table.text, terminator: "")
    }
  }
}
