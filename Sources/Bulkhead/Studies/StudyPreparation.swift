internal import Datasets
internal import Foundation
internal import Networks
internal import Studies
internal import Training

/// Makes a study of folders of images: datasets that share no image, and a file with a reason for each choice.
///
/// What is nil is inferred from the images, the weights and the time, after a few training steps are timed. A preparation is
/// a plain value: make one, change what is to be different, and run it. The study is then opened by ``TransferStudy``.
public struct StudyPreparation: Sendable, Equatable {
  /// A domain: a source and a target of transfer.
  public struct Domain: Sendable, Equatable {
    /// Its name in tables; letters, digits, `-`, `_` and `.`.
    public var name: String
    /// Its images; splits of a source are joined.
    public var images: DatasetPreparation.Source

    /// A named domain.
    public init(name: String, images: DatasetPreparation.Source) { (self.name, self.images) = (name, images) }
  }

  /// What is trained.
  public enum Training: String, Sendable, CaseIterable {
    /// All layers.
    case full
    /// Heads on the feature maps of a frozen backbone.
    case frozen
  }

  /// The name of the study; letters, digits, `-`, `_` and `.`.
  public var name: String
  /// Two or more.
  public var domains: [Domain]
  /// The directory of the study: its file, its datasets and its runs.
  public var directory: String
  /// Seconds that the study may take.
  public var budget = 1800.0
  /// A file of weights to begin with; nil trains from scratch.
  public var weights: String?
  /// The network; nil finds that of the weights, or takes one for small images.
  public var preset: NetworkModel.Preset?
  /// What is trained; nil is all layers where there is time for it.
  public var training: Training?
  /// The name of how pixels become inputs, such as `caffe`; nil takes what the weights expect.
  public var inputNormalization: String?
  /// The side in pixels that images are scaled to.
  public var side: Int?
  /// The number of seeds.
  public var seeds: Int?
  /// Training images per class of a target, up to 20.
  public var imagesPerClass: Int?
  /// The number of concurrent runs.
  public var workers = ProcessInfo.processInfo.activeProcessorCount
  /// Whether images that cannot be read are left out and listed.
  public var skipsUnreadable = false
  /// Whether a study that is in the directory already is replaced; its runs stay.
  public var overwrites = false

  /// A preparation with the defaults.
  /// - Parameters:
  ///   - name: letters, digits, `-`, `_` and `.`.
  ///   - domains: two or more.
  ///   - directory: of the study; `checkpoints/NAME` by default.
  public init(name: String, domains: [Domain], directory: String? = nil) {
    (self.name, self.domains, self.directory) = (name, domains, directory ?? "checkpoints/\(name)")
  }

  /// What was chosen, and why.
  public struct Decision: Sendable, Equatable {
    /// What was chosen, in a word or two.
    public let what: String
    /// The choice.
    public let choice: String
    /// Why.
    public let reason: String
  }

  /// What was written.
  public struct Report: Sendable, Equatable {
    /// The study's file.
    public let path: String
    /// What the domains hold and what was left out, one line each.
    public let findings: [String]
    /// What was chosen and why, in the order of the file.
    public let decisions: [Decision]
    /// The seconds that the study is estimated to take, without extensions of learning rate grids.
    public let seconds: Double
  }

  /// Makes the datasets and then the study's file; an interrupted try leaves no study, and is begun anew.
  ///
  /// - Parameters:
  ///   - onProgress: called on this thread with what is done, the work done and the whole of it, in images.
  ///   - isCancelled: looked at before each image; by default whether the current task is cancelled.
  /// - Throws: ``BulkheadError``: `invalid` for domains or weights that make no study, `missing`, `exists` where there is a
  ///   study already, or `cancelled`; a study that was there is then as it was.
  @discardableResult
  public func run(
    onProgress: (_ what: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> Report {
    try translatingErrors {
      var findings: [String] = []
      let study = try draft().write(shouldStop: isCancelled) { event in
        switch event {
        case .surveying(let domain, let done, let total): onProgress("reading \(domain)", done, total)
        case .surveyed(let lines): findings = lines
        case .timing: break
        case .preparing(let dataset, let done, let total): onProgress("preparing \(dataset)", done, total)
        }
      }
      return Report(
        path: study.path, findings: findings,
        decisions: study.decisions.map { Decision(what: $0.what, choice: $0.choice, reason: $0.reason) },
        seconds: study.seconds)
    }
  }

  /// The same on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameter onProgress: called on that thread.
  /// - Throws: as the synchronous function does.
  @discardableResult
  public func run(
    onProgress: @escaping @Sendable (_ what: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) async throws(BulkheadError) -> Report {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try run(onProgress: onProgress, isCancelled: isCancelled)
    }
  }

  private func draft() throws -> StudyDraft {
    var draft = StudyDraft(
      name: name, domains: domains.map { .init(name: $0.name, images: $0.images.value) }, directory: directory)
    (draft.budget, draft.weights, draft.preset) = (budget, weights, preset?.value)
    (draft.mode, draft.side, draft.seeds) = (training.map { $0 == .full ? .full : .frozen }, side, seeds)
    (draft.imagesPerClass, draft.workers) = (imagesPerClass, workers)
    (draft.skipsUnreadable, draft.overwrites) = (skipsUnreadable, overwrites)
    if let inputNormalization {
      let known: [InputNormalization] = [.symmetric, .raw, .unit, .caffe, .torch]
      guard let value = known.first(where: { $0.description == inputNormalization }) else {
        throw BulkheadError(
          .invalid,
          "StudyPreparation: inputNormalization is \(inputNormalization); expected "
            + known.map(\.description).joined(separator: ", "))
      }
      draft.inputNormalization = value
    }
    return draft
  }
}
