internal import Foundation
package import Layers
internal import Serialization
package import Support

/// The directory of one run: its configuration, its log and its checkpoints.
package struct RunDirectory: Sendable, Equatable {
  package let path: String
  /// The kinds of layers that its configuration and checkpoints can name.
  package let layers: LayerRegistry

  package init(_ path: String, layers: LayerRegistry = .standard) { (self.path, self.layers) = (path, layers) }

  /// The whole configuration with every default written out.
  package var configuration: String { file("configuration.yaml") }
  /// One JSON object a line.
  package var metrics: String { file("metrics.jsonl") }
  /// The newest checkpoint; see `checkpoints` for earlier ones.
  package var last: String { file("last.h5") }
  /// The weights of the epoch that is the best on validation.
  package var best: String { file("best.h5") }

  package func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  /// The last component of the path.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  package var hasConfiguration: Bool { FileManager.default.fileExists(atPath: configuration) }

  /// Makes the directory, unless it is there.
  /// - Throws: `FileError` if it cannot be made.
  package func createDirectory() throws { try FileSystem.createDirectory(path) }

  /// Makes the directory and writes the configuration into it.
  /// - Throws: `FileError` if there is a run of another configuration already, or if it cannot be written.
  package func create(for value: Configuration) throws {
    let text = try YAMLText.encode(value)
    if hasConfiguration {
      guard try TextFile.read(configuration) == text else { throw RunError.exists(path: path) }
      return
    }
    try createDirectory()
    try TextFile.write(text, to: configuration)
  }

  /// The configuration that the run was started with.
  package func loadConfiguration() throws -> Configuration {
    guard hasConfiguration else { throw FileError.missing(configuration) }
    let decoder = StrictDecoder(source: configuration, userInfo: layers.userInfo)
    return try decoder.decode(Configuration.self, from: TextFile.read(configuration))
  }

  /// Holds the run for this process until the result is released.
  ///
  /// - Parameters:
  ///   - holder: who takes it, for the message that another process gets.
  ///   - patience: seconds to wait for another process to let go of it.
  /// - Throws: `FileError` of the kind `locked` if another process holds it.
  package func lock(for holder: String, patience: Double = 0) throws(FileError) -> FileLock {
    try FileLock(file("lock"), holder: holder, patience: patience)
  }
}
