/// The names that one library's files have for the layers of a network whose own names are another's.
package struct LayerNaming: Sendable, Equatable {
  /// The library, such as `torchvision`.
  package let library: String
  /// Names of layers in its files by the last parts of the network's paths.
  package let names: [String: String]

  /// Names by the last parts of paths.
  package init(library: String, names: [String: String]) { (self.library, self.names) = (library, names) }
}
