/// The result of a preparation: samples per split, and what was excluded.
package struct PreparationReport: Sendable, Equatable {
  /// The names of the classes, in the order of their labels.
  package internal(set) var classNames: [String] = []
  /// The samples of each class, by split: images, or regions where images have several.
  package internal(set) var counts: [Split: [Int]] = [:]
  /// Images of the source, those of its own test set included.
  package internal(set) var found = 0
  /// Duplicates removed: the same pixels under the same label.
  package internal(set) var duplicates = 0
  /// Images removed because the same pixels have different labels: none of them is kept.
  package internal(set) var conflicting = 0
  /// What the source leaves out, such as boxes marked difficult, one sentence each.
  package internal(set) var remarks: [String] = []
  /// How the dataset stores its images.
  package internal(set) var storage = ImageStorage.samples
  /// Why the images of files are stored as they are, one sentence; nil for those of arrays and where the user chose samples.
  package internal(set) var storageRemark: String?
  /// Why images were skipped, one message each; empty unless skipping was requested.
  package internal(set) var skipped: [String] = []

  /// The samples of a split.
  package func count(of split: Split) -> Int { (counts[split] ?? []).reduce(0, +) }
}
