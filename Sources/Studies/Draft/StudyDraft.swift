package import Datasets
internal import Foundation
package import Networks
internal import Support
package import Training

/// A study to be written: folders of images as domains, and what is to be as the user says; everything else is inferred from
/// the images, the weights and the time that there is.
package struct StudyDraft: Sendable {
  /// Whether whole networks are trained, or heads on the feature maps of a frozen backbone.
  package enum Mode: String, Sendable, CaseIterable { case full, frozen }

  /// The name of the study.
  package var name: String
  /// Each a source and a target.
  package var domains: [DomainSurvey.Source]
  /// The directory of the study: its file, its datasets and its runs.
  package var directory: String
  /// Seconds that `study run` may take.
  package var budget = 1800.0
  /// The weights that networks begin with; nil trains from scratch.
  package var weights: String?
  /// The network; nil finds that of the weights, or takes one for small images.
  package var preset: NetworkDescription.Preset?
  /// The input normalization; nil takes that of the weights.
  package var inputNormalization: InputNormalization?
  /// What is trained; nil is full training where there is time for it.
  package var mode: Mode?
  /// The side in pixels that images are scaled to; nil is chosen by the images, the network and the time.
  package var side: Int?
  /// The number of seeds; nil is chosen by the time.
  package var seeds: Int?
  /// Training images per class of a target; nil is chosen by the images.
  package var imagesPerClass: Int?
  /// Concurrent runs.
  package var workers = min(ProcessInfo.processInfo.activeProcessorCount, 1024)
  /// Whether images that cannot be read are left out and listed.
  package var skipsUnreadable = false
  /// Whether a study that is there already is replaced.
  package var overwrites = false

  /// A draft with the defaults.
  package init(name: String, domains: [DomainSurvey.Source], directory: String) {
    (self.name, self.domains, self.directory) = (name, domains, directory)
  }

  /// The file of a study in its directory.
  package static func file(in directory: String) -> String { RunDirectory(directory).file("study.yaml") }

  /// The directory of a study's runs where its file lies there, as `write` puts it; nil for files elsewhere.
  package static func directory(of file: String) -> String? {
    guard file.hasSuffix("/study.yaml") else { return nil }
    let directory = String(file.dropLast("/study.yaml".count))
    return FileSystem.exists(RunDirectory(directory).file("data")) ? directory : nil
  }

  /// What happens while a study is made.
  package enum Event: Sendable {
    /// So many images of a domain were read.
    case surveying(domain: String, done: Int, total: Int)
    /// What there is in the domains, once all are read: the counts and what was left out, one line each.
    case surveyed([String])
    /// A few steps of a design are timed, told in words.
    case timing(String)
    /// The work done on a dataset.
    case preparing(dataset: String, done: Int, total: Int)
  }

  /// Makes the datasets and then the study's file; a try that was interrupted is begun anew.
  /// - Throws: `FileError` for domains or weights that make no study, `StudyError.exists` where there is a study,
  ///   `FileError` of the kind `interrupted` if a stop was requested; a study that was there is then as it was.
  package func write(shouldStop: @escaping () -> Bool = { false }, observe: (Event) -> Void) throws -> WrittenStudy {
    try check()
    let own = RunDirectory(directory)
    try requireRoom()
    let recognized = try weights.map { try RecognizedWeights(of: $0, preset: preset) }
    let normalization = try self.normalization(of: recognized)
    try own.createDirectory()
    let lock = try own.lock(for: "bulkhead study new")
    defer { _ = lock }
    try RunDirectory(own.file("data")).createDirectory()
    let survey = try DomainSurvey(
      domains, scratch: own.file("data/scratch"), threads: workers, skipsUnreadable: skipsUnreadable,
      shouldStop: shouldStop
    ) { observe(.surveying(domain: $0, done: $1, total: $2)) }
    var shares = try survey.domains.map { try DomainShares(of: $0, imagesPerClass: imagesPerClass) }
    // Targets of different size could not be compared.
    let train = shares.map(\.targetTrain).min() ?? 0
    for place in shares.indices { shares[place].targetTrain = train }
    observe(.surveyed(zip(survey.domains, shares).flatMap { $0.lines(shares: $1) }))
    let needsColor = normalization?.value.needsColor ?? false
    let material = DesignMaterial(
      draft: self, survey: survey, shares: shares, recognized: recognized, normalization: normalization,
      channels: weights != nil || needsColor ? 3 : survey.domains.map(\.channels).max() ?? 1)
    let search = DesignSearch(material)
    let chosen = try search.choice(shouldStop: shouldStop) { observe(.timing($0)) }
    try prepare(chosen.design, material, shouldStop, observe)
    let text = StudyText(material, chosen).text
    try TextFile.write(text, to: Self.file(in: directory))
    return WrittenStudy(path: Self.file(in: directory), decisions: chosen.decisions, seconds: chosen.seconds)
  }

  private func prepare(
    _ design: StudyDesign, _ material: DesignMaterial, _ shouldStop: @escaping () -> Bool, _ observe: (Event) -> Void
  ) throws {
    for (domain, shares) in zip(material.survey.domains, material.shares) {
      for role in [DerivedDataset.Role.target, .source] {
        let path = material.dataset(domain.source.name, role)
        var preparation = Preparation(
          source: domain.source.images, name: "\(domain.source.name), \(role.rawValue)",
          origin: domain.source.images.paths.joined(separator: ", "), license: "")
        (preparation.leftOut, preparation.joinsSplits) = (domain.leftOut, true)
        (preparation.channels, preparation.threads) = (material.channels, workers)
        preparation.skipsUnreadable = skipsUnreadable
        preparation.resizing = design.preparedSide.map { ImageResizing(square: $0) }
        if role == .target {
          preparation.test = .count(shares.targetTest)
          (preparation.validation, preparation.train) = (.count(0), .count(shares.targetTrain))
        } else {
          preparation.omitted = .count(shares.target)
          (preparation.validation, preparation.test) = (.count(shares.sourceValidation), .count(shares.sourceTest))
        }
        _ = try preparation.run(writingTo: path, shouldStop: shouldStop) {
          observe(.preparing(dataset: "\(domain.source.name), \(role.rawValue)", done: $0, total: $1))
        }
      }
    }
  }
}

/// What was written, and why it is so.
package struct WrittenStudy: Sendable {
  /// The study's file.
  package let path: String
  /// What was chosen and why, in the order of the file.
  package let decisions: [StudyDecision]
  /// The seconds that the study is estimated to take, without extensions of learning rate grids.
  package let seconds: Double
}

/// A choice that was made, why, and how to make another one.
package struct StudyDecision: Sendable, Equatable {
  /// What was chosen, in a word or two.
  package let what: String
  /// The choice.
  package let choice: String
  /// Why.
  package let reason: String
}
