package import Foundation

/// A new directory that is removed with this value.
package struct TemporaryDirectory: ~Copyable {
  /// The directory.
  package let url: URL

  /// Creates an empty directory.
  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "bulkhead-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the directory.
  package func path(_ name: String) -> String { url.appending(path: name).path }

  /// The names of the files in it, hidden ones included, sorted.
  package func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }
}
