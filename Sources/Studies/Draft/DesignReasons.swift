internal import Datasets
internal import Networks
internal import Statistics
internal import Support
internal import Tensors
internal import Training

/// What a design chose, and why.
struct DesignReasons {
  private let material: DesignMaterial
  private let design: StudyDesign
  private let seconds: Double
  private let refused: [(design: StudyDesign, seconds: Double)]

  init(
    _ material: DesignMaterial, _ design: StudyDesign, seconds: Double,
    refused: [(design: StudyDesign, seconds: Double)]
  ) {
    (self.material, self.design, self.seconds, self.refused) = (material, design, seconds, refused)
  }

  private var draft: StudyDraft { material.draft }

  var decisions: [StudyDecision] {
    var all = [network, training]
    if let normalization = material.normalization {
      all.append(.init(what: "input", choice: "\(normalization.value)", reason: normalization.reason))
    } else {
      all.append(.init(what: "input", choice: "symmetric", reason: "networks that are trained here have it"))
    }
    all += [side, pictures, arms, epochs, rates, seedsDecision, verdict, time]
    return all
  }

  private var network: StudyDecision {
    let choice = material.preset.rawValue
    if let recognized = material.recognized { return .init(what: "network", choice: choice, reason: recognized.reason) }
    return .init(
      what: "network", choice: choice,
      reason: draft.preset != nil
        ? "as asked for"
        : "no weights are given, and it trains from scratch on few pictures; weights that were trained on many do better"
    )
  }

  private var training: StudyDecision {
    let isAsked = draft.mode != nil
    switch design.mode {
    case .full:
      return .init(
        what: "trained", choice: "all layers",
        reason: isAsked
          ? "as asked for" : design.isFromScratch ? "there are no weights to freeze" : "the time allows it")
    case .frozen:
      let full = refused.filter { $0.design.mode == .full && $0.seconds.isFinite }.map(\.seconds).min()
      let time = full.map { "about \(Self.words($0))" } ?? "longer than the budget"
      return .init(
        what: "trained", choice: "heads on a frozen backbone",
        reason: isAsked
          ? "as asked for" : "training all layers would take \(time); feature maps are made once (--train full)")
    }
  }

  private var side: StudyDecision {
    guard let side = design.side else {
      let extent = material.commonExtent.map { "\($0.width) x \($0.height)" } ?? "their own"
      return .init(what: "picture size", choice: extent, reason: "all pictures have it")
    }
    let reason =
      draft.side != nil
      ? "as asked for"
      : design.isFromScratch
        ? "the median picture has a side of \(material.medianSide)"
          + (refused.contains { ($0.design.side ?? 0) > side } ? "; larger ones take longer than there is time" : "")
        : "the network's maps are about \(side > 100 ? "7 x 7" : "4 x 4") there"
    return .init(what: "picture size", choice: "\(side) x \(side)", reason: reason)
  }

  private var pictures: StudyDecision {
    let smallest = material.shares.map(\.smallest).min() ?? 0
    return .init(
      what: "pictures", choice: "\(material.shares[0].targetTrain) per class to fine-tune on",
      reason: draft.imagesPerClass != nil
        ? "as asked for" : "up to a quarter of the smallest class, which has \(smallest); the rest is for the sources")
  }

  private var arms: StudyDecision {
    .init(
      what: "heads", choice: design.hasMechanism ? "fc, gap and two for the mechanism" : "fc and gap",
      reason: design.hasMechanism
        ? "the time allows those that tell pretraining from capacity"
        : "the two that the claim compares; others take longer")
  }

  private var epochs: StudyDecision {
    .init(
      what: "epochs", choice: "\(design.epochs); sources \(design.sourceEpochs) (fc), \(2 * design.sourceEpochs) (gap)",
      reason:
        "about \(Int(design.sourceSteps)) steps of \(StudyDesign.batch) pictures for a source model of fc, twice as many for gap"
        + (design.effort < 1 ? ", \(Int(100 * design.effort)) % of what is usual, for the time" : ""))
  }

  private var rates: StudyDecision {
    .init(
      what: "learning rates", choice: "the best of three, by two-fold cross-validation",
      reason: "at the first seed, and at one of its own each head does best"
        + (design.extensions > 0 ? "; up to \(design.extensions) more are tried where the best is at an end" : ""))
  }

  private var seedsDecision: StudyDecision {
    .init(
      what: "seeds", choice: "\(design.seeds)",
      reason: draft.seeds != nil
        ? "as asked for"
        : design.seeds < 5 ? "fewer than five, for the time" : "the time allows them")
  }

  private var verdict: StudyDecision {
    let (domains, seeds) = (material.shares.count, design.seeds)
    let isPossible = domains >= Verdict.fewestDomains && seeds >= Verdict.fewestSeeds
    return .init(
      what: "verdict", choice: isPossible ? "yes" : "none, but advice for each target",
      reason: "one on all domains takes \(Verdict.fewestDomains) of them and \(Verdict.fewestSeeds) seeds; here are "
        + "\(domains) and \(seeds)")
  }

  private var time: StudyDecision {
    let (needed, allowed) = (Self.words(seconds), Self.words(draft.budget))
    return .init(
      what: "time", choice: "about \(needed)",
      reason: seconds <= draft.budget
        ? "the budget is \(allowed), of which searches that go on may take the rest; \(draft.workers) runs at a time"
        : "MORE than the budget of \(allowed), with \(draft.workers) runs at a time; a smaller study would tell nothing"
    )
  }

  /// `4 minutes`, `1.5 hours`.
  static func words(_ seconds: Double) -> String {
    if seconds < 90 { return "\(max(1, Int(seconds.rounded()))) seconds" }
    if seconds < 5400 { return "\(Int((seconds / 60).rounded())) minutes" }
    return "\((seconds / 3600).formatted(digits: 1)) hours"
  }
}
