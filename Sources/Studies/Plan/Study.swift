package import Training

/// An experiment as data: what is trained on what, with which heads, how often.
///
/// `common`, `pretraining`, `finetuning` and an arm's settings are pieces of a run's configuration that are laid over
/// each other; they are checked when the runs are planned.
package struct Study: Decodable, Sendable, Equatable {
  /// A dataset under a name.
  package struct Domain: Decodable, Sendable, Equatable {
    package var name: String
    package var path: String
  }

  /// A head with what it needs.
  package struct Arm: Decodable, Sendable, Equatable {
    package var name: String
    /// Laid over both pretraining and fine-tuning.
    package var settings: YAMLNode
    package var pretraining: YAMLNode?
    package var finetuning: YAMLNode?
    /// Rates to choose from; nil takes the study's.
    package var rates: [Double]?
  }

  package var name: String
  package var source: Domain
  package var targets: [Domain]
  package var arms: [Arm]
  package var seeds: [UInt64]
  /// Rates of fine-tuning that validation chooses from, for arms without their own.
  package var rates: [Double]
  /// Layers that no pretrained run takes from its source model beside those that its head says.
  package var leave: [String]
  /// Runs at a time.
  package var workers: Int
  package var common: YAMLNode
  package var pretraining: YAMLNode
  package var finetuning: YAMLNode

  private enum CodingKeys: String, CodingKey {
    case name, source, targets, arms, seeds, rates, leave, workers, common, pretraining, finetuning
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let nothing = YAMLNode(.mapping([]))
    name = try container.decode(String.self, forKey: .name)
    source = try container.decode(Domain.self, forKey: .source)
    targets = try container.decode([Domain].self, forKey: .targets)
    arms = try container.decode([Arm].self, forKey: .arms)
    seeds = try container.decode([UInt64].self, forKey: .seeds)
    rates = try container.decode(.rates, or: [])
    leave = try container.decode(.leave, or: [])
    workers = try container.decode(.workers, or: 1)
    common = try container.decode(.common, or: nothing)
    pretraining = try container.decode(.pretraining, or: nothing)
    finetuning = try container.decode(.finetuning, or: nothing)
    // It names a directory.
    let isPlain = !name.isEmpty && !name.hasPrefix(".") && !name.contains { $0 == "/" || $0 == "\0" }
    try container.require(isPlain, .name, "expected a name without / that does not begin with a point")
    func isNonemptyAndUnique(_ names: [some Hashable]) -> Bool { !names.isEmpty && Set(names).count == names.count }
    try container.require(isNonemptyAndUnique(targets.map(\.name)), .targets, "expected targets of different names")
    try container.require(isNonemptyAndUnique(arms.map(\.name)), .arms, "expected arms of different names")
    try container.require(isNonemptyAndUnique(seeds), .seeds, "expected seeds that differ")
    for arm in arms {
      let rates = arm.rates ?? rates
      try container.require(
        isNonemptyAndUnique(rates) && rates.allSatisfy { $0 > 0 }, .rates,
        "expected rates above 0 that differ, here or in the arm \(arm.name)")
    }
    let ratesOfArms = arms.reduce(0) { $0 + ($1.rates ?? rates).count }
    let count = ratesOfArms.multipliedReportingOverflow(by: 2 * seeds.count * targets.count)
    try container.require(
      !count.overflow && count.partialValue <= 10_000, .arms, "expected at most 10000 runs, found \(count.partialValue)"
    )
    try container.require((1...1024).contains(workers), .workers, "expected 1 to 1024 workers")
  }

  /// Reads a study file.
  package init(path: String) throws {
    self = try StrictDecoder(source: path).decode(Study.self, from: RunDirectory.read(path))
  }
}
