internal import Statistics
internal import Studies

extension TransferStudy {
  /// What a study came to, as far as it is done.
  public struct Findings: Sendable {
    /// The claims one by one; none with one arm.
    public let claims: [Claim]
    /// Δ of every source with every target; none with one arm.
    public let effects: [PairEffect]
    /// The accuracies of chosen runs on test images, in the order of arms, targets and seeds.
    public let accuracies: [TestAccuracy]
    /// What the study says of the claim that the first arm's advantage grows with distance.
    public let verdict: Answer
    /// The verdict in a sentence.
    public let sentence: String
    /// The answer in a sentence, what to do on each target, and the verdict, in at most 100 columns.
    public let summary: String
    /// Everything as tables for a terminal.
    public let table: String

    init(_ findings: StudyFindings) {
      let analysis = findings.analysis
      (sentence, summary, table) = (analysis.sentence, analysis.summary, analysis.text)
      verdict = analysis.verdict.map { Answer($0.outcome) } ?? .demonstration
      claims = analysis.claims.map { claim in
        Claim(
          name: claim.name, statement: claim.statement, answer: Answer(claim.answer),
          evidence: claim.findings.map {
            Evidence(label: $0.label, interval: $0.interval.map { Interval($0) }, p: $0.p)
          })
      }
      effects = analysis.pairs.map { pair in
        PairEffect(
          source: pair.source, target: pair.target, effects: pair.effects,
          interval: pair.interval.map { Interval($0) }, adjustedP: pair.adjustedP,
          distance: pair.distance?.discrepancy, isTransfer: pair.isTransfer)
      }
      accuracies = findings.plan.cells.compactMap { cell in
        let question = cell.question
        return analysis.results.accuracies[question].map {
          TestAccuracy(
            arm: question.arm, regime: question.regime.rawValue, source: question.source, target: question.target,
            trainPerClass: question.size, seed: question.seed, accuracy: $0)
        }
      }
    }
  }
}
