internal import Datasets
internal import Foundation
internal import Serialization
internal import Training

/// Names each run's directory by its configuration and its dataset's content.
struct RunNaming: Sendable, Equatable {
  /// The directory of all runs.
  let directory: String
  /// What is in the datasets, by path.
  private let fingerprints: [String: String]

  /// - Throws: `FileError` where a dataset cannot be read.
  init(_ study: Study, in directory: String) throws {
    self.directory = directory
    var fingerprints: [String: String] = [:]
    for dataset in study.datasets(in: directory) {
      let content =
        FileManager.default.fileExists(atPath: dataset.base) ? try Dataset.fingerprint(of: dataset.base) : ""
      fingerprints[dataset.path] = content + dataset.recipe
    }
    self.fingerprints = fingerprints
  }

  /// What is in a dataset of the study, as one text; empty where it is not there yet.
  func fingerprint(of path: String) -> String { fingerprints[path] ?? "" }

  /// The run of a configuration.
  /// - Throws: `EncodingError` where the configuration has no text.
  func run(
    of configuration: Configuration, arm: String, seed: UInt64, learningRate: Double? = nil
  ) throws -> PlannedRun {
    var configuration = configuration
    // A run's weights do not depend on its threads and on what is logged, so neither does its name; each worker has one.
    configuration.threads = 1
    var named = configuration
    (named.logEverySteps, named.tensorBoard) = (nil, false)
    // A source model's directory is itself a name; where the study lies is not part of a run.
    if let from = named.weights?.from { named.weights?.from = relative(from) }
    named.data.path = relative(named.data.path)
    // Default values are omitted, so that new keys rename no run.
    var defaults = Configuration(data: DataConfiguration(path: ""))
    defaults.threads = named.threads
    let text = try YAMLText.encode(named, differingFrom: defaults) + fingerprint(of: configuration.data.path)
    return PlannedRun(
      configuration: configuration, directory: RunDirectory("\(directory)/\(Identity.name(of: text))"), arm: arm,
      seed: seed, learningRate: learningRate)
  }

  private func relative(_ path: String) -> String {
    path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
  }
}
