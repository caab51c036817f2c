/// The order in which a file lists its layers.
package enum LayerOrder: Sendable {
  /// That of their names, which says nothing.
  case unknown
  /// The network's within each class of layers, such as the convolutions.
  case withinClasses
  /// The network's.
  case whole
}
