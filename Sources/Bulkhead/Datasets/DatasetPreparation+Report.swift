internal import Datasets

extension DatasetPreparation {
  /// How much of each class goes to a split.
  public struct Share: Sendable, Equatable {
    let value: SplitShare

    /// Everything that the other splits leave; one split at most can have it.
    public static let rest = Share(value: .rest)

    /// Exactly so many images of each class.
    public static func count(_ images: Int) -> Share { Share(value: .count(images)) }

    /// So many images of each class, or as many as there are.
    public static func atMost(_ images: Int) -> Share { Share(value: .atMost(images)) }

    /// A part of each class, 0 to 1, rounded to whole images.
    public static func fraction(_ part: Double) -> Share { Share(value: .fraction(part)) }
  }

  /// What a preparation did.
  public struct Report: Sendable, Equatable {
    private let value: PreparationReport

    init(_ value: PreparationReport) { self.value = value }

    /// The names of the classes, in the order of their labels.
    public var classNames: [String] { value.classNames }
    /// Images of the source, those of its own test set included.
    public var imagesFound: Int { value.found }
    /// Copies that were left out because the same pixels came before under the same label.
    public var duplicates: Int { value.duplicates }
    /// Images that were left out because the same pixels have different labels.
    public var conflicts: Int { value.conflicting }
    /// What the source left out, such as boxes that are marked difficult; a sentence each.
    public var remarks: [String] { value.remarks }
    /// How the dataset stores its images.
    public var storage: LabeledDataset.Storage { value.storage == .encoded ? .encoded : .samples }
    /// Why the images of files are stored so, in a sentence; nil for those of arrays and where samples were asked for.
    public var storageRemark: String? { value.storageRemark }
    /// Why images were skipped, a message each, if that was asked for.
    public var skipped: [String] { value.skipped }

    /// The number of samples in a split.
    public func count(of split: LabeledDataset.Split) -> Int { value.count(of: split.value) }

    /// The number of samples of each class in a split, in the order of ``classNames``.
    public func countsByClass(of split: LabeledDataset.Split) -> [Int] { value.counts[split.value] ?? [] }
  }
}
