internal import Foundation
package import Layers
internal import Storage

#if canImport(Glibc)
  internal import Glibc
#endif

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
  /// The weights with the best validation accuracy.
  package var best: String { file("best.h5") }

  package func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  /// The last component of the path.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }

  package var hasConfiguration: Bool { FileManager.default.fileExists(atPath: configuration) }

  /// Makes the directory, unless it is there.
  /// - Throws: `RunError` if it cannot be made.
  package func createDirectory() throws {
    var missing: [String] = []
    var place = URL(fileURLWithPath: path)
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      missing.append(place.path)
      place.deleteLastPathComponent()
    }
    try Self.attempt("make the directory", path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    for made in missing { try FileSystem.synchronizeDirectory(of: made) }
  }

  /// Makes the directory and writes the configuration into it.
  /// - Throws: `RunError` if there is a run of another configuration already, or if it cannot be written.
  package func create(for value: Configuration) throws {
    let text = try YAMLText.encode(value)
    if hasConfiguration {
      guard try Self.read(configuration) == text else { throw RunError.exists(path: path) }
      return
    }
    try createDirectory()
    try Self.write(text, to: configuration)
  }

  /// The configuration that the run was started with.
  package func loadConfiguration() throws -> Configuration {
    guard hasConfiguration else { throw RunError.missing(path: configuration) }
    let decoder = StrictDecoder(source: configuration, userInfo: layers.userInfo)
    return try decoder.decode(Configuration.self, from: Self.read(configuration))
  }

  /// Holds the run for this process until the result is released.
  /// - Parameter patience: seconds to wait for another process to let go of it.
  /// - Throws: `RunError` if another process holds it.
  package func lock(patience: Double = 0) throws -> RunLock {
    var left = patience
    while true {
      do { return try RunLock(file("lock")) } catch RunError.locked where left > 0 {
        let pause = 0.05
        left -= pause
        Thread.sleep(forTimeInterval: pause)
      }
    }
  }
}

// MARK: Small files

extension RunDirectory {
  /// The text of a file.
  package static func read(_ path: String) throws -> String {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw RunError.missing(path: path) }
    // A pipe or a device might never end.
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 30 else {
      throw RunError.malformed(path: path, problem: "it is no regular file of at most 1 GiB")
    }
    let data = try attempt("read", path) { try Data(contentsOf: URL(fileURLWithPath: path)) }
    guard let text = String(data: data, encoding: .utf8) else {
      throw RunError.malformed(path: path, problem: "it is not UTF-8 text")
    }
    return text
  }

  /// Writes a file whole or not at all: beside its place, flushed, then renamed.
  package static func write(_ text: String, to path: String) throws {
    let draft = path + ".draft"
    try attempt("write", path) {
      try Data(text.utf8).write(to: URL(fileURLWithPath: draft))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: draft))
      try handle.synchronize()
      try handle.close()
    }
    try FileSystem.move(draft, to: path)
  }

  /// Removes a file if it is there.
  package static func remove(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try attempt("remove", path) { try FileManager.default.removeItem(atPath: path) }
  }

  /// Encodes a value as JSON with sorted keys, so that the same value gives the same bytes.
  package static func writeJSON(_ value: some Encodable, to path: String) throws {
    try write(json(value) + "\n", to: path)
  }

  /// JSON with sorted keys.
  package static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The value that a JSON file describes.
  package static func readJSON<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
    let text = try read(path)
    do {
      return try JSONDecoder().decode(type, from: Data(text.utf8))
    } catch {
      throw RunError.malformed(path: path, problem: "it does not hold a \(type): \(error)")
    }
  }

  static func attempt<Result>(_ action: String, _ path: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch {
      throw RunError.failed(action: action, path: path, reason: (error as NSError).localizedDescription)
    }
  }
}
