internal import Foundation
internal import Training

/// A dataset of a study: an existing file, or one derived from it in the study's directory.
package struct DerivedDataset: Sendable, Equatable {
  /// The use of a dataset: pretraining (source) or fine-tuning (target).
  package enum Role: String, Sendable { case source, target }

  /// The domain's name.
  package var domain: String
  /// The path of the dataset that it is made of.
  package var base: String
  /// The change of the base's images and classes; nil uses them unchanged.
  package var derivation: Derivation?
  /// The backbone that computes feature maps of the images; nil if runs see the images.
  package var features: FeatureRecipe?
  /// The path of the dataset of images.
  package var images: String
  /// The path of the dataset that runs see: the images, or their feature maps.
  package var path: String

  /// A domain's dataset in a role that it has.
  /// - Parameters:
  ///   - features: what makes the feature maps that runs see in place of images.
  ///   - directory: the study's.
  init(_ domain: Domain, _ role: Role, features: FeatureRecipe?, in directory: String) {
    func place(_ recipe: String) -> String { "\(directory)/data/\(Identity.name(of: recipe)).h5" }
    self.domain = domain.name
    base = (role == .source ? domain.source : domain.target) ?? ""
    (derivation, self.features) = (domain.derivation, features)
    images = derivation.map { [base] in place(base + "\n" + $0.recipe) } ?? base
    path = features.map { [images] in place(images + "\n" + $0.text) } ?? images
  }

  /// The changes of the base as one text; empty if there are none.
  package var recipe: String { (derivation?.recipe ?? "") + (features.map { "\n" + $0.text } ?? "") }

  /// Whether it is to be made and is not there.
  package var isToMake: Bool { path != base && !FileManager.default.fileExists(atPath: path) }

  /// Makes what is not there.
  /// - Parameters:
  ///   - shouldStop: polled before each image.
  ///   - progress: called with the numbers of images that have feature maps, and of all.
  /// - Returns: whether anything was made.
  /// - Throws: `FileError`, `YAMLError` or `TrainingError` where the base or the weights cannot be used or the files not
  ///   written; `Interruption.stopped` with finished work kept.
  @discardableResult
  package func derive(
    shouldStop: () -> Bool, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> Bool {
    guard isToMake else { return false }
    try RunDirectory(URL(fileURLWithPath: path).deletingLastPathComponent().path).createDirectory()
    if let derivation, !FileManager.default.fileExists(atPath: images) {
      try derivation.write(from: base, to: images, name: domain, shouldStop: shouldStop)
    }
    if let features {
      let extraction = try FeatureExtraction(try features.configuration(of: images))
      try extraction.run(writingTo: path, shouldStop: shouldStop) { progress($0, extraction.count) }
    }
    return true
  }
}
