/// How the classes of a dataset are matched with those of a network.
package enum ClassRule: Sendable, Equatable {
  /// By name, first as a map says.
  case byName(ClassMap?)
  /// By position: label 0 is the network's first output, whatever the two are called.
  case byPosition

  /// By name alone.
  package static let byName = ClassRule.byName(nil)
}
