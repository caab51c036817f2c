internal import Serialization
internal import Training

extension Study {
  private enum CodingKeys: String, CodingKey {
    case name, domains, arms, regimes, sizes, seeds, learningRates, search, distance, reinitialize, workers
    case keepWeights, features, common, pretraining, finetuning
  }

  /// - Throws: `DecodingError` where a key has no value that a study can have.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let nothing = YAMLNode(.mapping([]))
    name = try container.decode(String.self, forKey: .name)
    domains = try container.decode([Domain].self, forKey: .domains)
    arms = try container.decode([Arm].self, forKey: .arms)
    regimes = try container.decode(.regimes, or: [.full])
    sizes = try container.decode(.sizes, or: [])
    seeds = try container.decode([UInt64].self, forKey: .seeds)
    learningRates = try container.decode(.learningRates, or: [])
    search = try container.decode(.search, or: Search())
    distance = try container.decode(.distance, or: Distance())
    reinitialize = try container.decode(.reinitialize, or: [])
    workers = try container.decode(.workers, or: 1)
    keepWeights = try container.decode(.keepWeights, or: false)
    features = try container.decodeIfPresent(FeatureRecipe.self, forKey: .features)
    common = try container.decode(.common, or: nothing)
    pretraining = try container.decode(.pretraining, or: nothing)
    finetuning = try container.decode(.finetuning, or: nothing)
    try check(container)
    for arm in arms { try check(arm, container) }
    try container.require(runs <= 10_000, .arms, "expected at most 10000 runs, found about \(runs)")
  }

  private func check(_ container: KeyedDecodingContainer<CodingKeys>) throws {
    try container.require(
      !name.isEmpty && !name.hasPrefix(".") && name.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) },
      .name, "expected a name of letters, digits, -, _ and . only, for it names a directory")
    try container.require(isUnique(domains.map(\.name)), .domains, "expected domains of different names")
    try container.require(
      domains.allSatisfy { domain in
        !domain.name.isEmpty && domain.name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      }, .domains, "expected names of domains on one line, not empty ones")
    try container.require(
      domains.contains { $0.source != nil } && domains.contains { $0.target != nil }, .domains,
      "expected a domain with a source and one with a target")
    try container.require(
      !arms.isEmpty && isUnique(arms.map(\.name)), .arms, "expected arms of different names")
    try container.require(!seeds.isEmpty && isUnique(seeds), .seeds, "expected seeds that differ")
    try container.require(
      isUnique(sizes) && sizes.allSatisfy { $0 > 0 }, .sizes, "expected numbers of images above 0 that differ")
    try container.require((1...1024).contains(workers), .workers, "expected 1 to 1024 workers")
  }

  private func check(_ arm: Arm, _ container: KeyedDecodingContainer<CodingKeys>) throws {
    let rates = arm.learningRates ?? learningRates
    try container.require(
      !rates.isEmpty && isUnique(rates) && rates.allSatisfy { $0 > 0 }, .learningRates,
      "expected learning rates above 0 that differ, here or in the arm \(arm.name)")
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

  /// About how many runs of fine-tuning the first grids make.
  private var runs: Int {
    let searches = search.seeds == .first ? 1 : seeds.count
    return arms.reduce(0) { sum, arm in
      let cells =
        (sources(of: arm).count + 1) * targets.count * (arm.regimes ?? regimes).count
        * max((arm.sizes ?? sizes).count, 1)
      return sum + cells * ((arm.learningRates ?? learningRates).count * max(search.folds, 1) * searches + seeds.count)
    }
  }
}

private func isUnique(_ names: [some Hashable]) -> Bool { Set(names).count == names.count }
