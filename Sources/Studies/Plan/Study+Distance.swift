internal import Serialization
internal import Training

extension Study {
  /// The settings of distances between domains.
  package struct Distance: Decodable, Sendable, Equatable {
    /// The primary one; a second is shown beside it.
    package var descriptor = Descriptor.gradients

    private enum CodingKeys: String, CodingKey { case descriptor }

    /// The default: `gradients`.
    package init() {}

    /// Reads the key `distance` of a study file.
    package init(from decoder: any Decoder) throws {
      descriptor = try decoder.container(keyedBy: CodingKeys.self).decode(.descriptor, or: descriptor)
    }
  }
}
