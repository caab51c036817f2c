package import Serialization
internal import Training

extension Study {
  /// An arm: a head with its own settings.
  package struct Arm: Decodable, Sendable, Equatable {
    /// The name in tables, unique in the study.
    package var name: String
    /// Settings merged over both `pretraining` and `finetuning`.
    package var settings: YAMLNode
    /// Settings merged over the study's `pretraining`.
    package var pretraining: YAMLNode?
    /// Settings merged over the study's `finetuning`.
    package var finetuning: YAMLNode?
    /// Learning rates to choose from; nil takes the study's.
    package var learningRates: [Double]?
    /// The arm whose source models it begins with; nil has its own.
    package var pretrained: String?
    /// The arm whose runs from scratch it shares; nil trains its own, if it has its own source models.
    package var scratch: String?
    /// The arm's regimes; nil uses the study's.
    package var regimes: [Regime]?
    /// Training images per class, of those of the study; nil takes them all.
    package var sizes: [Int]?
    /// Domains that it is pretrained on, of those of the study; nil takes them all.
    package var sources: [String]?
  }
}
