internal import Foundation
package import Networks
internal import Optimizers
internal import Storage
internal import Tensors
internal import Training

/// Everything that a study trains: source models, one for each arm that has its own, domain and seed, then the cells.
package struct StudyPlan: Sendable, Equatable {
  package let study: Study
  /// The directory of all runs.
  package let directory: String
  package let sources: [PlannedRun]
  package private(set) var cells: [Cell] = []
  /// What is in the datasets, by path: a part of the names of runs that use them.
  private let fingerprints: [String: String]

  /// - Parameters:
  ///   - path: the study file's name, for messages.
  ///   - directory: where the runs' directories go.
  /// - Throws: `YAMLError` where the pieces make no configuration, `StorageError` where a dataset cannot be read.
  package init(_ study: Study, path: String, directory: String) throws {
    var study = study
    study.features = try study.features?.identified(in: path)
    (self.study, self.directory) = (study, directory)
    let decoder = StrictDecoder(source: path)
    var fingerprints: [String: String] = [:]
    for dataset in DerivedDataset.all(of: study, in: directory) {
      let content =
        FileManager.default.fileExists(atPath: dataset.base) ? try Dataset.fingerprint(of: dataset.base) : ""
      fingerprints[dataset.path] = content + dataset.recipe
    }
    self.fingerprints = fingerprints

    var models: [Cell.Question: PlannedRun] = [:]
    var sources: [PlannedRun] = []
    for seed in study.seeds {
      for domain in study.sources {
        for arm in study.arms where arm.pretrained == nil && study.sources(of: arm).contains(domain) {
          let node = study.node(
            arm, .pretraining, data: DerivedDataset(domain, .source, of: study, in: directory).path, seed: seed)
          let configuration = try decoder.decode(Configuration.self, from: node)
          let model = try Self.planned(
            configuration, in: directory, fingerprints, arm: arm.name, seed: seed, rate: nil)
          models[Cell.Question(arm: arm.name, source: nil, target: domain.name, seed: seed)] = model
          sources.append(model)
        }
      }
    }
    self.sources = sources

    var places: [Cell.Question: Int] = [:]
    func add(_ question: Cell.Question, _ arm: Study.Arm, _ domain: Domain) throws {
      var node = study.node(
        arm, .finetuning, data: DerivedDataset(domain, .target, of: study, in: directory).path, seed: question.seed)
      // A rate of its own makes the configuration whole; it is replaced by each that is tried.
      node = node.overlaid(
        with: YAMLNode("optimizer", "rate", value: YAMLNode(number: arm.rates?[0] ?? study.rates[0])))
      if let size = question.size {
        node = node.overlaid(with: YAMLNode("data", "trainPerClass", value: YAMLNode(number: size)))
      }
      let model = question.source.flatMap {
        models[Cell.Question(arm: arm.pretrained ?? arm.name, source: nil, target: $0, seed: question.seed)]
      }
      if let model { node = node.overlaid(with: study.weights(from: model.directory)) }
      var base = try decoder.decode(Configuration.self, from: node)
      let folds = try study.folds(of: base, path: path)
      if folds > 0 {
        // Decoded again, for what a run without validation must not have.
        node = node.overlaid(with: YAMLNode("data", "validationPerClass", value: YAMLNode(number: 0)))
        base = try decoder.decode(Configuration.self, from: node)
      }
      base.freeze += question.regime.frozen
      var leader: Int?
      if study.search.seeds == .first, question.seed != study.seeds[0] {
        var first = question
        first.seed = study.seeds[0]
        leader = places[first]
      }
      var probe: Int?
      if question.regime == .probeThenFull {
        var before = question
        before.regime = .probe
        probe = places[before]
      }
      places[question] = cells.count
      cells.append(
        Cell(
          question: question, base: base, folds: folds,
          search: RateSearch(rates: arm.rates ?? study.rates, extensions: study.search.extensions),
          sourceModel: model, probe: probe, leader: leader))
    }
    for seed in study.seeds {
      for domain in study.targets {
        for size in study.sizes.isEmpty ? [nil] : study.sizes.map(Optional.some) {
          for arm in study.arms where size.map({ arm.sizes?.contains($0) ?? true }) ?? true {
            if study.scratchArm(of: arm) == arm.name {
              try add(
                Cell.Question(arm: arm.name, source: nil, target: domain.name, size: size, seed: seed), arm, domain)
            }
            for source in study.sources(of: arm) {
              for regime in Regime.allCases where (arm.regimes ?? study.regimes).contains(regime) {
                try add(
                  Cell.Question(
                    arm: arm.name, regime: regime, source: source.name, target: domain.name, size: size, seed: seed),
                  arm, domain)
              }
            }
          }
        }
      }
    }
  }

  /// The run of a cell at a rate.
  /// - Parameter probe: the run whose weights it begins with, where the cell goes on from another.
  func run(of cell: Cell, rate: Double, _ trial: Cell.Trial, after probe: PlannedRun? = nil) throws -> PlannedRun {
    var configuration = cell.configuration(of: trial)
    configuration.optimizer.rate = rate
    if let probe {
      configuration.weights = WeightsConfiguration(from: probe.directory.best, use: .continuation)
    }
    return try Self.planned(
      configuration, in: directory, fingerprints, arm: cell.question.arm, seed: cell.question.seed, rate: rate)
  }

  private static func planned(
    _ configuration: Configuration, in directory: String, _ fingerprints: [String: String], arm: String, seed: UInt64,
    rate: Double?
  ) throws -> PlannedRun {
    var configuration = configuration
    // A run's weights do not depend on its threads and on what is logged, so neither does its name; each worker has one.
    configuration.threads = 1
    var named = configuration
    named.logEverySteps = nil
    // A source model's directory is itself a name; where the study lies is not part of a run.
    func relative(_ path: String) -> String {
      path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
    }
    if let from = named.weights?.from { named.weights?.from = relative(from) }
    named.data.path = relative(named.data.path)
    // What is as by default is left out, so that a key that is new renames no run.
    var defaults = Configuration(data: DataConfiguration(path: ""))
    defaults.threads = named.threads
    let text = try YAMLText.encode(named, differingFrom: defaults) + (fingerprints[configuration.data.path] ?? "")
    return PlannedRun(
      configuration: configuration, directory: RunDirectory("\(directory)/\(identity(of: text))"), arm: arm,
      seed: seed, rate: rate)
  }

  /// What is in a dataset of the study, as one text.
  func dataFingerprint(of path: String) -> String { fingerprints[path] ?? "" }

  /// A name for a text: 64-bit FNV-1a, 16 hexadecimal digits.
  static func identity(of text: String) -> String {
    let digits = String(RandomStream.key(text), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Study {
  fileprivate enum Phase { case pretraining, finetuning }

  /// The pieces of a run's configuration, each laid over the one before.
  fileprivate func node(_ arm: Arm, _ phase: Phase, data: String, seed: UInt64) -> YAMLNode {
    let pieces: [YAMLNode?] = [
      common, phase == .pretraining ? pretraining : finetuning, arm.settings,
      phase == .pretraining ? arm.pretraining : arm.finetuning,
      YAMLNode("seed", value: YAMLNode(number: seed)),
      YAMLNode("data", "path", value: YAMLNode(text: data)),
    ]
    return pieces.compactMap { $0 }.reduce(YAMLNode(.mapping([]))) { $0.overlaid(with: $1) }
  }

  fileprivate func weights(from source: RunDirectory) -> YAMLNode {
    YAMLNode("weights", "from", value: YAMLNode(text: source.best))
      .overlaid(with: YAMLNode("weights", "leave", value: YAMLNode(.sequence(leave.map { YAMLNode(text: $0) }))))
  }
}

extension Study {
  /// The folds that cells of a configuration are selected by; 0 for those with validation images.
  /// - Throws: `YAMLError` where the rates could not be told from each other.
  fileprivate func folds(of base: Configuration, path: String) throws -> Int {
    func require(_ condition: Bool, _ key: String, _ problem: String) throws {
      guard condition else {
        throw YAMLError(source: path, origin: finetuning.origin, path: "finetuning.data.\(key)", problem: problem)
      }
    }
    try require(base.data.fold == nil, "fold", "the folds of a study are search.folds; leave this out")
    guard search.folds > 0 else {
      try require(
        base.data.validationPerClass != 0, "validationPerClass",
        "nothing would tell the rates from each other; expected validation images, or search.folds")
      return 0
    }
    guard let size = base.data.trainPerClass else {
      try require(
        false, "trainPerClass", "search.folds asks how many images a class there are; give a number, or sizes")
      return 0
    }
    guard size <= Search.mostForFolds else { return 0 }
    try require(
      size >= search.folds, "trainPerClass",
      "\(size) images a class cannot be split into \(search.folds) folds; expected more images or fewer search.folds")
    return search.folds
  }
}

extension Regime {
  /// What stays as it is, by the roles of layers.
  package var frozen: [FreezeRule] {
    switch self {
    case .probe: [.role(.backbone), .role(.hidden)]
    case .head: [.role(.backbone)]
    case .full, .probeThenFull: []
    }
  }
}
