internal import Datasets
internal import Foundation
internal import Serialization
internal import Support
internal import Training

/// Names each run's directory: what it is, in words, then digits of its identity, which follows from its configuration and
/// its dataset's content alone.
struct RunNaming: Sendable, Equatable {
  /// The directory of all runs.
  let directory: String
  /// What is in the datasets, by path.
  private let fingerprints: [String: String]
  /// The names of runs that are there, by the first digits of their identities.
  private let existing: [Substring: [String]]

  private static let shortDigits = 4

  /// - Throws: `FileError` where a dataset cannot be read, or the directory has runs under names of an earlier version.
  init(_ study: Study, in directory: String) throws {
    self.directory = directory
    var fingerprints: [String: String] = [:]
    for dataset in study.datasets(in: directory) {
      let content =
        FileManager.default.fileExists(atPath: dataset.base) ? try Dataset.fingerprint(of: dataset.base) : ""
      fingerprints[dataset.path] = content + dataset.recipe
    }
    self.fingerprints = fingerprints
    existing = try Self.existing(in: directory)
  }

  private static func existing(in directory: String) throws(FileError) -> [Substring: [String]] {
    let folders = FileSystem.names(in: directory)
    let old = folders.filter { name in
      name.count == 16 && name.allSatisfy(\.isHexDigit) && RunDirectory("\(directory)/\(name)").hasConfiguration
    }
    guard old.isEmpty else {
      throw FileError(
        what: "\(old.count) of its runs have names of an earlier version, such as \(old[0]), and cannot be used",
        path: directory, expected: "runs in folders named by their domains",
        action: "choose another --directory, or remove this one")
    }
    var existing: [Substring: [String]] = [:]
    for folder in folders where RunLabel.isFolder(folder) {
      for name in FileSystem.names(in: "\(directory)/\(folder)") {
        guard let digits = name.split(separator: "-").last, digits.count >= shortDigits else { continue }
        existing[digits.prefix(shortDigits), default: []].append("\(folder)/\(name)")
      }
    }
    return existing
  }

  /// What is in a dataset of the study, as one text; empty where it is not there yet.
  func fingerprint(of path: String) -> String { fingerprints[path] ?? "" }

  /// The run of a configuration.
  /// - Parameters:
  ///   - label: what its name tells.
  ///   - model: the run whose weights it begins with.
  /// - Throws: `EncodingError` where the configuration has no text.
  func run(
    of configuration: Configuration, label: RunLabel, arm: String, seed: UInt64, learningRate: Double? = nil,
    after model: PlannedRun? = nil
  ) throws -> PlannedRun {
    var configuration = configuration
    // A run's weights do not depend on its threads and on what is logged, so neither does its name; each worker has one.
    configuration.threads = 1
    let identity = try identity(of: configuration, after: model)
    let words = label.name(
      learningRate: learningRate, epochs: configuration.epochs, fold: configuration.data.fold?.index)
    let name = name(words, identity)
    return PlannedRun(
      configuration: configuration, directory: RunDirectory("\(directory)/\(name)"), name: name, identity: identity,
      arm: arm, seed: seed, learningRate: learningRate)
  }

  /// 16 digits that follow from a configuration and the content of its dataset.
  /// - Throws: `EncodingError` where the configuration has no text.
  func identity(of configuration: Configuration, after model: PlannedRun?) throws -> String {
    var named = configuration
    (named.logEverySteps, named.tensorBoard) = (nil, false)
    // Whatever its name, a source model is known by its identity; where the study lies is not part of a run.
    if let model {
      named.weights?.from = model.identity
    } else if let from = named.weights?.from {
      named.weights?.from = relative(from)
    }
    named.data.path = relative(named.data.path)
    // Default values are omitted, so that new keys rename no run.
    var defaults = Configuration(data: DataConfiguration(path: ""))
    defaults.threads = named.threads
    let text = try YAMLText.encode(named, differingFrom: defaults) + fingerprint(of: configuration.data.path)
    return Identity.name(of: text)
  }

  /// The name of a run: that which it has, if it is there under whatever words, else a new one with as few digits as are
  /// free.
  private func name(_ words: String, _ identity: String) -> String {
    let short = "\(words)-\(identity.prefix(Self.shortDigits))"
    let alike = existing[identity.prefix(Self.shortDigits)] ?? []
    let own = alike.filter { RunDirectory("\(directory)/\($0)").loadIdentity() == identity }
    if own.contains(short) { return short }
    return own.min() ?? (alike.contains(short) ? "\(words)-\(identity)" : short)
  }

  private func relative(_ path: String) -> String {
    path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
  }
}
