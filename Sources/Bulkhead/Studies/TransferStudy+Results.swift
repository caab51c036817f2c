internal import Statistics
internal import Studies

extension TransferStudy {
  /// What a study says of a claim.
  public enum Answer: String, Sendable, CaseIterable {
    /// The data speak for it.
    case supported
    /// The data speak against it.
    case contradicted
    /// The data leave it open.
    case inconclusive
    /// Too few domains or seeds for any of the three.
    case demonstration
  }

  /// An estimate with its 95 % confidence interval by Student's t.
  public struct Interval: Sendable, Equatable {
    /// The estimate, in accuracy (0.01 is a percentage point) unless its owner says otherwise.
    public let estimate: Double
    /// The interval's lower end.
    public let lower: Double
    /// The interval's upper end.
    public let upper: Double
    /// The two-sided p of the estimate being 0.
    public let p: Double
  }

  /// A number that bears on a claim.
  public struct Evidence: Sendable, Equatable {
    /// What the number is, in words.
    public let label: String
    /// Its interval; nil where there is no number.
    public let interval: Interval?
    /// Its p, adjusted by Holm where it is one of a family (Holm 1979).
    public let p: Double?
  }

  /// One of the claims that a study looks into.
  public struct Claim: Sendable, Equatable {
    /// 0, A, B, or C with its contrast; see `docs/study.md`.
    public let name: String
    /// The claim in words.
    public let statement: String
    /// What the study says of it.
    public let answer: Answer
    /// The first is the one that the answer rests on.
    public let evidence: [Evidence]
  }

  /// Δ = [first − second arm] pretrained − [first − second arm] from scratch, on a pair of domains.
  public struct PairEffect: Sendable, Equatable {
    /// The domain of pretraining.
    public let source: String
    /// The domain of fine-tuning.
    public let target: String
    /// Δ by seed, in accuracy.
    public let effects: [Double]
    /// Of Δ over seeds; nil for fewer than two.
    public let interval: Interval?
    /// The p of Δ ≠ 0, by Holm over the source's targets.
    public let adjustedP: Double?
    /// MMD² between the domains' images (Gretton et al. 2012); nil where it was not measured.
    public let distance: Double?
    /// Whether an arm gains significantly by pretraining; otherwise there is nothing to compare.
    public let isTransfer: Bool
  }

  /// The accuracy of a chosen run on test images.
  public struct TestAccuracy: Sendable, Equatable {
    /// The arm's name.
    public let arm: String
    /// What was trained: `probe`, `head`, `full` or `lp-ft`.
    public let regime: String
    /// The domain of pretraining; nil from scratch.
    public let source: String?
    /// The domain of fine-tuning.
    public let target: String
    /// Training images per class; nil as the study's `finetuning` says.
    public let trainPerClass: Int?
    /// The run's seed.
    public let seed: UInt64
    /// 0 to 1.
    public let accuracy: Double
  }
}

extension TransferStudy.Interval {
  init(_ interval: Statistics.Interval) {
    (estimate, lower, upper, p) = (interval.estimate, interval.lower, interval.upper, interval.p)
  }
}

extension TransferStudy.Answer {
  init(_ answer: StudyClaim.Answer) {
    self =
      switch answer {
      case .supported: .supported
      case .contradicted: .contradicted
      case .inconclusive: .inconclusive
      case .demonstration: .demonstration
      }
  }

  init(_ outcome: Verdict.Outcome) {
    self =
      switch outcome {
      case .supported: .supported
      case .contradicted: .contradicted
      case .inconclusive: .inconclusive
      case .demonstration: .demonstration
      }
  }
}
