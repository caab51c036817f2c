internal import Support
package import Training

/// A run of a study, in a directory named by its configuration.
package struct PlannedRun: Sendable, Equatable {
  /// Everything that the run's result depends on.
  package var configuration: Configuration
  /// The run's directory.
  package var directory: RunDirectory
  /// Its path in the study's directory, such as `mnist-to-optdigits/fc-full.mnist-to-optdigits.20.s1.r0.01-3f2a`.
  package var name: String
  /// What tells it from all other runs: 16 digits that follow from its configuration and its dataset's content.
  package var identity: String
  /// The name of the arm that it was planned for.
  package var arm: String
  /// The configuration's seed.
  package var seed: UInt64
  /// The learning rate of fine-tuning; nil for a source model.
  package var learningRate: Double?

  /// The part of cross-validation that it is; nil for all other runs.
  package var fold: Int? { configuration.data.fold?.index }
  /// What its search varies; nil for a source model.
  package var setting: Setting? { learningRate.map { Setting(learningRate: $0, epochs: configuration.epochs) } }

  /// Makes the directory and writes identity and configuration into it.
  ///
  /// - Throws: `FileError` if it holds another run or cannot be written, `RunError` if it has another configuration.
  package func create() throws {
    try directory.createDirectory()
    if directory.loadIdentity() == nil, !directory.hasConfiguration {
      try TextFile.write(identity + "\n", to: directory.identity)
    }
    try check()
    try directory.create(for: configuration)
  }

  /// Checks that what is in the directory is this run.
  ///
  /// - Throws: `FileError` if it is another one.
  func check() throws(FileError) {
    let found = directory.loadIdentity()
    guard found != identity else { return }
    throw FileError(
      what: "it holds \(found.map { "the run \($0)" } ?? "a run without an identity")", path: directory.path,
      expected: "the run \(identity)", action: "remove it, or choose another --directory")
  }
}

extension RunDirectory {
  /// What tells the run from all others of a study.
  package var identity: String { file("identity.txt") }

  /// What tells the run from all others of a study; nil where there is none.
  func loadIdentity() -> String? {
    (try? TextFile.read(identity))?.split(separator: "\n").first.map(String.init)
  }
}
