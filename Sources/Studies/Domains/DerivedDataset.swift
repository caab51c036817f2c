internal import Foundation
internal import Training

/// A dataset of a study: a file that is there, or one to be derived from it into the study's directory.
package struct DerivedDataset: Sendable, Equatable {
  package enum Role: String, Sendable { case source, target }

  /// The domain's name.
  package var domain: String
  package var base: String
  package var derivation: Derivation?
  /// Where the runs find it.
  package var path: String

  /// A domain's dataset in a role that it has.
  init(_ domain: Domain, _ role: Role, in directory: String) {
    self.domain = domain.name
    base = (role == .source ? domain.source : domain.target) ?? ""
    derivation = domain.derivation
    path = base
    if let derivation {
      path = "\(directory)/data/\(StudyPlan.identity(of: base + "\n" + derivation.recipe)).h5"
    }
  }

  /// Every dataset of a study, each once.
  package static func all(of study: Study, in directory: String) -> [DerivedDataset] {
    var known: Set<String> = []
    let all =
      study.sources.map { DerivedDataset($0, .source, in: directory) }
      + study.targets.map { DerivedDataset($0, .target, in: directory) }
    return all.filter { known.insert($0.path).inserted }
  }

  /// Makes the file, unless it is there.
  /// - Returns: whether it was made.
  @discardableResult
  package func derive() throws -> Bool {
    guard let derivation, !FileManager.default.fileExists(atPath: path) else { return false }
    try RunDirectory(URL(fileURLWithPath: path).deletingLastPathComponent().path).createDirectory()
    try derivation.write(from: base, to: path, name: domain)
    return true
  }
}
