/// Keys of a section of a configuration that people also know by other names: former ones, and those of other tools.
///
/// A decoder that finds such a name answers with the key.
package protocol OtherNames: CodingKey {
  /// Keys, with their path where they belong to another section, by their other names.
  static var otherNames: [String: String] { get }
}
