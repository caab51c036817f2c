internal import Layers
internal import Networks
internal import Optimizers
internal import Serialization
internal import Training

/// Plans a study's source models, then its cells and which of them search together.
struct CellPlanner {
  private let study: Study
  private let naming: RunNaming
  private let decoder: StrictDecoder
  private let path: String
  private(set) var sources: [PlannedRun] = []
  private(set) var cells: [Cell] = []
  /// The cells that differ in their seeds alone, in the order of seeds, by the first one's place.
  private(set) var groups: [[Int]] = []
  private var models: [Cell.Question: PlannedRun] = [:]
  private var places: [Cell.Question: Int] = [:]
  private var groupPlaces: [Cell.Question: Int] = [:]
  /// The labels of runs by what they have in common: of arms that share runs the first one's.
  private var labels: [String: RunLabel] = [:]

  /// - Parameter path: the study file's name, for messages.
  init(_ study: Study, _ naming: RunNaming, path: String) {
    (self.study, self.naming, self.path) = (study, naming, path)
    decoder = StrictDecoder(source: path)
  }

  /// One source model for each arm that has its own, domain and seed.
  mutating func planSources() throws {
    for seed in study.seeds {
      for domain in study.sources {
        for arm in study.arms where arm.pretrained == nil && study.sources(of: arm).contains(domain) {
          let data = study.dataset(domain, .source, in: naming.directory).path
          let configuration = try decoder.decode(
            Configuration.self, from: study.node(arm, .pretraining, data: data, seed: seed))
          let label = label(
            RunLabel(ofSourceModel: arm.name, on: domain.name, seed: seed, epochs: configuration.epochs),
            of: try naming.identity(of: configuration, after: nil))
          let model = try naming.run(of: configuration, label: label, arm: arm.name, seed: seed)
          models[Cell.Question(arm: arm.name, source: nil, target: domain.name, seed: seed)] = model
          sources.append(model)
        }
      }
    }
  }

  /// The cells, in the order in which they are worked on; one that builds on another comes after it.
  mutating func planCells() throws {
    for seed in study.seeds {
      for domain in study.targets {
        for size in study.sizes.isEmpty ? [nil] : study.sizes.map(Optional.some) {
          for arm in study.arms where size.map({ arm.sizes?.contains($0) ?? true }) ?? true {
            func question(_ regime: Regime, from source: String?) -> Cell.Question {
              Cell.Question(
                arm: arm.name, regime: regime, source: source, target: domain.name, size: size, seed: seed)
            }
            if study.scratchArm(of: arm) == arm.name { try add(question(.full, from: nil), arm, domain) }
            for source in study.sources(of: arm) {
              for regime in Regime.allCases where (arm.regimes ?? study.regimes).contains(regime) {
                try add(question(regime, from: source.name), arm, domain)
              }
            }
          }
        }
      }
    }
  }

  private mutating func add(_ question: Cell.Question, _ arm: Study.Arm, _ domain: Domain) throws {
    let rates = arm.learningRates ?? study.learningRates
    let data = study.dataset(domain, .target, in: naming.directory).path
    var node = study.node(arm, .finetuning, data: data, seed: question.seed)
    // A learning rate of its own makes the configuration whole; it is replaced by each that is tried.
    node = node.overlaid(with: YAMLNode("optimizer", "learningRate", value: YAMLNode(number: rates[0])))
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
    var common = base
    common.optimizer.learningRate = 1
    let label = label(
      RunLabel(of: question, epochs: base.epochs),
      of: try "\(question.regime) " + naming.identity(of: common, after: model))
    place(question)
    cells.append(
      Cell(
        question: question, base: base, folds: folds,
        rates: LearningRateSearch(rates: rates, extensions: study.search.extensions),
        doublings: study.search.doublings, trials: study.trials(seed: question.seed, folds: folds), label: label,
        sourceModel: model, probe: probe(of: question)))
  }

  /// The label of the first runs that have this in common.
  private mutating func label(_ label: RunLabel, of common: String) -> RunLabel {
    labels[common] = labels[common] ?? label
    return labels[common] ?? label
  }

  /// Notes the place of the next cell, and the cells that it searches with.
  private mutating func place(_ question: Cell.Question) {
    places[question] = cells.count
    var first = question
    first.seed = study.seeds[0]
    if let group = groupPlaces[first] {
      groups[group].append(cells.count)
    } else {
      groupPlaces[first] = groups.count
      groups.append([cells.count])
    }
  }

  /// The cell whose weights this one begins with; nil where it begins with a source model or from scratch.
  private func probe(of question: Cell.Question) -> Int? {
    guard question.regime == .probeThenFull else { return nil }
    var before = question
    before.regime = .probe
    return places[before]
  }
}
