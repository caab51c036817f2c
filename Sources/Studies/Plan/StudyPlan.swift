internal import Tensors
package import Training

/// A run that a study needs, in the directory named by its configuration.
package struct PlannedRun: Sendable, Equatable {
  package var configuration: Configuration
  package var directory: RunDirectory
  package var arm: String
  package var seed: UInt64
  /// The rate of fine-tuning; nil for a source model.
  package var rate: Double?
}

/// Where a fine-tuned network begins.
package enum Start: String, Sendable, CaseIterable, Codable { case pretrained, scratch }

/// Runs that differ only in the rate; validation chooses one of them.
package struct Cell: Sendable, Equatable {
  package var arm: String
  package var target: String
  package var start: Start
  package var seed: UInt64
  package var runs: [PlannedRun]
  /// The source model that these runs begin with; nil from scratch.
  package var source: RunDirectory?
}

/// Every run of a study: source models, one an arm and seed, then the cells of fine-tuning.
package struct StudyPlan: Sendable, Equatable {
  package let study: Study
  /// The directory of all runs.
  package let directory: String
  package let sources: [PlannedRun]
  package let cells: [Cell]

  /// - Parameters:
  ///   - path: the study file's name, for messages.
  ///   - directory: where the runs' directories go.
  /// - Throws: `YAMLError` where the pieces make no configuration.
  package init(_ study: Study, path: String, directory: String) throws {
    (self.study, self.directory) = (study, directory)
    let decoder = StrictDecoder(source: path)
    func planned(_ node: YAMLNode, arm: Study.Arm, seed: UInt64, rate: Double?) throws -> PlannedRun {
      var configuration = try decoder.decode(Configuration.self, from: node)
      // A run's bits do not depend on its threads, so neither does its name; each worker has one.
      configuration.threads = 1
      var named = configuration
      // A source model's directory is itself a name; where the study lies is not part of a run.
      if let from = named.weights?.from, from.hasPrefix(directory + "/") {
        named.weights?.from = String(from.dropFirst(directory.count + 1))
      }
      let name = try Self.identity(of: named)
      return PlannedRun(
        configuration: configuration, directory: RunDirectory("\(directory)/\(name)"), arm: arm.name, seed: seed,
        rate: rate)
    }
    var sources: [PlannedRun] = []
    var cells: [Cell] = []
    for arm in study.arms {
      for seed in study.seeds {
        let source = try planned(
          study.node(arm, .pretraining, domain: study.source, seed: seed), arm: arm, seed: seed, rate: nil)
        sources.append(source)
        for target in study.targets {
          for start in Start.allCases {
            let origin = start == .pretrained ? source.directory : nil
            let runs = try (arm.rates ?? study.rates).map { rate in
              var node = study.node(arm, .finetuning, domain: target, seed: seed)
              node = node.overlaid(with: YAMLNode("optimizer", "rate", value: YAMLNode(number: rate)))
              if let origin { node = node.overlaid(with: study.weights(from: origin)) }
              return try planned(node, arm: arm, seed: seed, rate: rate)
            }
            cells.append(
              Cell(arm: arm.name, target: target.name, start: start, seed: seed, runs: runs, source: origin))
          }
        }
      }
    }
    (self.sources, self.cells) = (sources, cells)
  }

  /// All runs, source models first.
  package var runs: [PlannedRun] { sources + cells.flatMap(\.runs) }

  /// A configuration's name: 64-bit FNV-1a of its YAML, 16 hexadecimal digits.
  package static func identity(of configuration: Configuration) throws -> String {
    let digits = String(RandomStream.key(try YAMLText.encode(configuration)), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension Study {
  fileprivate enum Phase { case pretraining, finetuning }

  /// The pieces of a run's configuration, each laid over the one before.
  fileprivate func node(_ arm: Arm, _ phase: Phase, domain: Domain, seed: UInt64) -> YAMLNode {
    let pieces: [YAMLNode?] = [
      common, phase == .pretraining ? pretraining : finetuning, arm.settings,
      phase == .pretraining ? arm.pretraining : arm.finetuning,
      YAMLNode("seed", value: YAMLNode(number: seed)),
      YAMLNode("data", "path", value: YAMLNode(text: domain.path)),
    ]
    return pieces.compactMap { $0 }.reduce(YAMLNode(.mapping([]))) { $0.overlaid(with: $1) }
  }

  fileprivate func weights(from source: RunDirectory) -> YAMLNode {
    YAMLNode("weights", "from", value: YAMLNode(text: source.best))
      .overlaid(with: YAMLNode("weights", "leave", value: YAMLNode(.sequence(leave.map { YAMLNode(text: $0) }))))
  }
}
