internal import Foundation
package import Layers
internal import Serialization
internal import Support

/// The paths of one run's files.
package struct RunDirectory: Sendable, Equatable {
  /// The directory.
  package let path: String
  /// The kinds of layers that its configuration and checkpoints can name.
  package let layers: LayerRegistry

  /// A directory that need not be there.
  package init(_ path: String, layers: LayerRegistry = .standard) { (self.path, self.layers) = (path, layers) }

  /// The last component of the path.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
  /// The whole configuration with every default written out.
  package var configuration: String { file("configuration.yaml") }
  /// One JSON object per line.
  package var metrics: String { file("metrics.jsonl") }
  /// The metrics as a table, one row per line of `metrics`.
  package var metricsTable: String { file("metrics.csv") }
  /// The metrics for TensorBoard.
  package var events: String { file(EventFile.name) }
  /// The newest checkpoint; see `checkpoints` for earlier ones.
  package var last: String { file("last.h5") }
  /// The weights of the epoch that is the best on validation.
  package var best: String { file("best.h5") }
  /// The result of a finished run.
  package var result: String { file("result.json") }
  /// The checkpoint of a step that is no longer the newest.
  func checkpoint(ofStep step: Int) -> String { file("step-\(step).h5") }
  /// The weights of one of several best epochs.
  func best(ofEpoch epoch: Int) -> String { file("best-epoch-\(epoch).h5") }

  /// A file of the directory.
  package func file(_ name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

  /// Whether a run was started here.
  package var hasConfiguration: Bool { FileSystem.exists(configuration) }

  /// The existing checkpoints, the newest first.
  package var checkpoints: [String] {
    let earlier = numbered("step-").sorted(by: >).map(checkpoint(ofStep:))
    return (FileSystem.exists(last) ? [last] : []) + earlier
  }

  /// Whether there is a checkpoint to resume from.
  package var hasCheckpoint: Bool { !checkpoints.isEmpty }

  /// The numbers of the files with this beginning, such as the 12 of `step-12.h5`.
  func numbered(_ beginning: String) -> [Int] {
    FileSystem.names(in: path).compactMap { name in
      guard name.hasPrefix(beginning), name.hasSuffix(".h5") else { return nil }
      return Int(name.dropFirst(beginning.count).dropLast(3))
    }
  }
}
