/// The release of this library and of the program `bulkhead`.
///
/// It is not named for its version, as symbol graphs leave out names that begin with the module's and `Version`.
public enum BulkheadRelease {
  /// The version as text, such as `1.2.0`; a build between releases ends with `-dev`.
  public static let version = "0.1.0-dev"
}
