package import Foundation

/// A fresh directory that is removed with the value; paths in it are made by `path`.
package struct TemporaryDirectory: ~Copyable {
  package let url: URL

  package init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "bulkhead-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the directory.
  package func path(_ name: String) -> String { url.appending(path: name).path }

  /// Names of the files in it, hidden ones too.
  package func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }
}
