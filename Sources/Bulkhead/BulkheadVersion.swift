/// The version of this library and of the program `bulkhead`.
public enum BulkheadVersion {
  /// The version as text, such as `1.2.0`; a build between releases ends with `-dev`.
  public static let current = "0.1.0-dev"
}
