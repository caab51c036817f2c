package import Serialization
internal import Support
internal import Training

/// An experiment as data: what is trained on what, with which heads, how often.
///
/// `common`, `pretraining`, `finetuning` and an arm's settings are pieces of a run's configuration that are laid over
/// each other; they are checked when the runs are planned. `docs/study.md` describes the file.
package struct Study: Decodable, Sendable, Equatable {
  package var name: String
  package var domains: [Domain]
  package var arms: [Arm]
  package var regimes: [Regime]
  /// Training images per class; empty takes what `finetuning` says.
  package var sizes: [Int]
  package var seeds: [UInt64]
  /// Learning rates of fine-tuning that validation chooses from, for arms without their own.
  package var learningRates: [Double]
  package var search: Search
  package var distance: Distance
  /// Layers that every pretrained run initializes anew, beside those that its head says.
  package var reinitialize: [String]
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
