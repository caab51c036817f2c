/// What a network is trained for.
package enum TaskKind: String, Codable, Sendable, CaseIterable {
  /// One class for each image or region.
  case classification
  /// The objects in an image: boxes with their classes.
  case detection
}
