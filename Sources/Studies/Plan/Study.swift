package import Serialization
internal import Support
internal import Training

/// An experiment as data: domains, arms, regimes, seeds and learning rates.
///
/// `common`, `pretraining`, `finetuning` and an arm's settings are pieces of a run's configuration that are laid over
/// each other; they are checked when the runs are planned. `docs/study.md` describes the file.
package struct Study: Decodable, Sendable, Equatable {
  /// The name of the study and of the directory of its runs.
  package var name: String
  /// The domains, in the order of tables.
  package var domains: [Domain]
  /// The first two with source models of their own are those that Δ compares.
  package var arms: [Arm]
  /// The regimes, for arms without their own.
  package var regimes: [Regime]
  /// Training images per class; empty uses the value of `finetuning`.
  package var sizes: [Int]
  /// Repetitions: each seed has its own source models and splits.
  package var seeds: [UInt64]
  /// Learning rates of fine-tuning that validation chooses from, for arms without their own.
  package var learningRates: [Double]
  /// The settings of the search for learning rate and epochs.
  package var search: Search
  /// The settings of distances between domains.
  package var distance: Distance
  /// Layers that every pretrained run reinitializes, besides those of its head.
  package var reinitialize: [String]
  /// Concurrent runs.
  package var workers: Int
  /// Whether chosen weights are kept after testing; source models always are.
  package var keepWeights: Bool
  /// A frozen backbone, its weights and the images' preparation: every run sees its feature maps of a domain's images. nil
  /// shows the images.
  package var features: FeatureRecipe?
  /// Settings that both `pretraining` and `finetuning` are merged over.
  package var common: YAMLNode
  /// A piece of the configuration of source models.
  package var pretraining: YAMLNode
  /// A piece of the configuration of fine-tuning runs.
  package var finetuning: YAMLNode

  /// Reads a study file.
  package init(path: String) throws {
    self = try StrictDecoder(source: path).decode(Study.self, from: TextFile.read(path))
  }

  /// Domains that source models are trained on.
  package var sources: [Domain] { domains.filter { $0.source != nil } }
  /// Domains that an arm is pretrained on.
  package func sources(of arm: Arm) -> [Domain] { sources.filter { arm.sources?.contains($0.name) ?? true } }
  /// Domains that networks are fine-tuned on.
  package var targets: [Domain] { domains.filter { $0.target != nil } }

  /// The arm whose runs from scratch an arm shares; nil if there is none.
  package func scratchArm(of arm: Arm) -> String? { arm.scratch ?? (arm.pretrained == nil ? arm.name : nil) }
}
