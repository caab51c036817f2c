internal import Serialization
internal import Training

/// A domain: images with a task that source models are trained on, or networks are fine-tuned on.
///
/// The two datasets should share no image, so that a source's own domain is a target of images it has not seen; `SharedImages`
/// are said.
package struct Domain: Decodable, Sendable, Equatable {
  /// The name in tables, unique in the study.
  package var name: String
  /// The dataset for pretraining; nil if the domain is not a source.
  package var source: String?
  /// The dataset for fine-tuning; nil if the domain is not a target.
  package var target: String?
  /// A dataset of images that distances are measured on, where the others hold feature maps; nil measures on those.
  package var images: String?
  /// How both are derived; nil uses them unchanged.
  package var derivation: Derivation?

  private enum CodingKeys: String, CodingKey { case name, source, target, images, shift, severity, regroup }

  /// A domain with its datasets' paths.
  package init(name: String, source: String? = nil, target: String? = nil, derivation: Derivation? = nil) {
    (self.name, self.source, self.target, self.derivation) = (name, source, target, derivation)
  }

  /// Reads a domain of a study file.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    source = try container.decodeIfPresent(String.self, forKey: .source)
    target = try container.decodeIfPresent(String.self, forKey: .target)
    images = try container.decodeIfPresent(String.self, forKey: .images)
    try container.require(source != nil || target != nil, .target, "expected a dataset as source, as target, or both")
    let kind = try container.decodeIfPresent(DomainShift.Kind.self, forKey: .shift)
    let severity = try container.decodeIfPresent(Double.self, forKey: .severity)
    try container.require(severity == nil || kind != nil, .severity, "expected a shift that it is the severity of")
    try container.require((0.01...1).contains(severity ?? 1), .severity, "expected above 0 and up to 1")
    let groups = try container.decodeIfPresent([String: [String]].self, forKey: .regroup)
    let names = (groups ?? [:]).values.joined()
    try container.require(
      groups.map { $0.count > 1 } ?? true && Set(names).count == names.count, .regroup,
      "expected two groups or more, and no class in two of them")
    if kind != nil || groups != nil {
      derivation = Derivation(shift: kind.map { DomainShift(kind: $0, severity: severity ?? 1) }, groups: groups)
    }
  }
}
