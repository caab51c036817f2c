package import Serialization
internal import Support
internal import Training

/// An experiment as data: what is trained on what, with which heads, how often.
///
/// `common`, `pretraining`, `finetuning` and an arm's settings are pieces of a run's configuration that are laid over
/// each other; they are checked when the runs are planned. `docs/study.md` describes the file.
package struct Study: Decodable, Sendable, Equatable {
  /// A head with what it needs.
  package struct Arm: Decodable, Sendable, Equatable {
    package var name: String
    /// Laid over both pretraining and fine-tuning.
    package var settings: YAMLNode
    package var pretraining: YAMLNode?
    package var finetuning: YAMLNode?
    /// Rates to choose from; nil takes the study's.
    package var rates: [Double]?
    /// The arm whose source models it begins with; nil has its own.
    package var pretrained: String?
    /// The arm whose runs from scratch stand for its own; nil trains its own, if it has source models of its own.
    package var scratch: String?
    /// nil takes the study's.
    package var regimes: [Regime]?
    /// Training images a class, of those of the study; nil takes them all.
    package var sizes: [Int]?
    /// Domains that it is pretrained on, of those of the study; nil takes them all.
    package var sources: [String]?
  }

  package var name: String
  package var domains: [Domain]
  package var arms: [Arm]
  package var regimes: [Regime]
  /// Training images a class; empty takes what `finetuning` says.
  package var sizes: [Int]
  package var seeds: [UInt64]
  /// Rates of fine-tuning that validation chooses from, for arms without their own.
  package var rates: [Double]
  package var search: Search
  package var distance: Distance
  /// Layers that no pretrained run takes from its source model beside those that its head says.
  package var leave: [String]
  /// Runs at a time.
  package var workers: Int
  /// Whether the weights that validation chose stay once they are tested; source models always do.
  package var keepWeights: Bool
  /// A frozen backbone, its weights and the images' preparation: every run sees its feature maps of a domain's images. nil
  /// shows the images.
  package var features: FeatureRecipe?
  package var common: YAMLNode
  package var pretraining: YAMLNode
  package var finetuning: YAMLNode

  /// How rates are searched.
  package struct Search: Decodable, Sendable, Equatable {
    package enum Seeds: String, Decodable, Sendable { case each, first }
    /// Training images a class up to which a cell is cross-validated, if any is.
    package static let mostForFolds = 20
    /// Parts of the training images that validate in turn where there are few; 0 validates on validation images everywhere.
    package var folds = 0
    /// How many rates may be added at the ends of the grid, until the chosen one lies inside it.
    package var extensions = 3
    /// Whether each seed chooses its own rate, or all take the first seed's.
    package var seeds = Seeds.each

    private enum CodingKeys: String, CodingKey { case folds, extensions, seeds }

    package init() {}

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      folds = try container.decode(.folds, or: folds)
      extensions = try container.decode(.extensions, or: extensions)
      seeds = try container.decode(.seeds, or: seeds)
      try container.require(
        folds == 0 || (2...Self.mostForFolds).contains(folds), .folds,
        "expected 2 to \(Self.mostForFolds) folds, or 0 for none")
      try container.require((0...20).contains(extensions), .extensions, "expected 0 to 20 rates")
    }
  }

  /// How distances between domains are measured.
  package struct Distance: Decodable, Sendable, Equatable {
    /// The primary one; a second is shown beside it.
    package var descriptor = Descriptor.gradients

    private enum CodingKeys: String, CodingKey { case descriptor }

    package init() {}

    package init(from decoder: any Decoder) throws {
      descriptor = try decoder.container(keyedBy: CodingKeys.self).decode(.descriptor, or: descriptor)
    }
  }

  private enum CodingKeys: String, CodingKey {
    case name, domains, arms, regimes, sizes, seeds, rates, search, distance, leave, workers, keepWeights, features
    case common, pretraining, finetuning
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let nothing = YAMLNode(.mapping([]))
    name = try container.decode(String.self, forKey: .name)
    domains = try container.decode([Domain].self, forKey: .domains)
    arms = try container.decode([Arm].self, forKey: .arms)
    regimes = try container.decode(.regimes, or: [.full])
    sizes = try container.decode(.sizes, or: [])
    seeds = try container.decode([UInt64].self, forKey: .seeds)
    rates = try container.decode(.rates, or: [])
    search = try container.decode(.search, or: Search())
    distance = try container.decode(.distance, or: Distance())
    leave = try container.decode(.leave, or: [])
    workers = try container.decode(.workers, or: 1)
    keepWeights = try container.decode(.keepWeights, or: false)
    features = try container.decodeIfPresent(FeatureRecipe.self, forKey: .features)
    common = try container.decode(.common, or: nothing)
    pretraining = try container.decode(.pretraining, or: nothing)
    finetuning = try container.decode(.finetuning, or: nothing)
    func isUnique(_ names: [some Hashable]) -> Bool { Set(names).count == names.count }
    try container.require(
      !name.isEmpty && !name.hasPrefix(".") && name.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) },
      .name, "expected a name of letters, digits, -, _ and . only, for it names a directory")
    try container.require(isUnique(domains.map(\.name)), .domains, "expected domains of different names")
    try container.require(
      domains.contains { $0.source != nil } && domains.contains { $0.target != nil }, .domains,
      "expected a domain with a source and one with a target")
    try container.require(
      !arms.isEmpty && isUnique(arms.map(\.name)), .arms, "expected arms of different names")
    try container.require(!seeds.isEmpty && isUnique(seeds), .seeds, "expected seeds that differ")
    try container.require(
      isUnique(sizes) && sizes.allSatisfy { $0 > 0 }, .sizes, "expected numbers of images above 0 that differ")
    try container.require((1...1024).contains(workers), .workers, "expected 1 to 1024 workers")
    for arm in arms {
      let rates = arm.rates ?? rates
      try container.require(
        !rates.isEmpty && isUnique(rates) && rates.allSatisfy { $0 > 0 }, .rates,
        "expected rates above 0 that differ, here or in the arm \(arm.name)")
      let regimes = arm.regimes ?? regimes
      try container.require(
        !regimes.isEmpty && isUnique(regimes), .regimes, "expected regimes that differ, here or in the arm \(arm.name)")
      try container.require(
        !regimes.contains(.probeThenFull) || regimes.contains(.probe), .regimes,
        "lp-ft begins where probe ends; expected probe too, here or in the arm \(arm.name)")
      try container.require(
        (arm.sizes ?? []).allSatisfy(sizes.contains) && arm.sizes?.isEmpty != true, .sizes,
        "expected the sizes of the arm \(arm.name) among those of the study")
      let beginning = arms.first { $0.name == arm.pretrained }.map(sources(of:)) ?? sources
      try container.require(
        arm.sources.map { !$0.isEmpty && $0.allSatisfy(beginning.map(\.name).contains) } ?? (beginning == sources),
        .arms,
        "expected the sources of the arm \(arm.name) among those that there are source models of")
      for other in [arm.pretrained, arm.scratch].compactMap({ $0 }) {
        let found = arms.first { $0.name == other }
        try container.require(
          found.map { $0.pretrained == nil } ?? false, .arms,
          "the arm \(arm.name) begins with \(other), expected an arm with source models of its own")
      }
    }
    try container.require(runs <= 10_000, .arms, "expected at most 10000 runs, found about \(runs)")
  }

  /// About how many runs of fine-tuning the first grids make.
  private var runs: Int {
    let searches = search.seeds == .first ? 1 : seeds.count
    return arms.reduce(0) { sum, arm in
      let cells =
        (sources(of: arm).count + 1) * targets.count * (arm.regimes ?? regimes).count
        * max((arm.sizes ?? sizes).count, 1)
      return sum + cells * ((arm.rates ?? rates).count * max(search.folds, 1) * searches + seeds.count)
    }
  }

  /// Reads a study file.
  package init(path: String) throws {
    self = try StrictDecoder(source: path).decode(Study.self, from: TextFile.read(path))
  }

  package var sources: [Domain] { domains.filter { $0.source != nil } }
  package func sources(of arm: Arm) -> [Domain] { sources.filter { arm.sources?.contains($0.name) ?? true } }
  package var targets: [Domain] { domains.filter { $0.target != nil } }

  /// The arm whose runs from scratch stand for an arm's own; nil if there is none.
  package func scratchArm(of arm: Arm) -> String? { arm.scratch ?? (arm.pretrained == nil ? arm.name : nil) }
}

/// What of a pretrained network is trained.
package enum Regime: String, Codable, Sendable, CaseIterable {
  /// The classifier alone.
  case probe
  /// Everything but the backbone.
  case head
  case full
  /// All, from where `probe` ended (Kumar et al. 2022).
  case probeThenFull = "lp-ft"
}
