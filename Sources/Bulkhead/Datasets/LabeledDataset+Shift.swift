internal import Datasets
internal import Studies
internal import Support

extension LabeledDataset {
  /// A domain shift: a change of images that keeps their task.
  public enum Shift: String, Sendable, CaseIterable {
    /// 255 − x.
    case inverted
    /// Length of the gradient.
    case edges
    /// About the center, by up to 90°, clockwise; not of datasets with boxes.
    case rotated
    /// A box blur with a radius of up to an eighth of the shorter side.
    case blurred
    /// Noise with a standard deviation of up to 100.
    case noisy
    /// The image over stripes and blotches, seen where it is dark.
    case textured
    /// The image shrunk to down to half its side, at a random place; not of datasets with boxes.
    case displaced
    /// A veil of light gray that hides up to 80 % of each value.
    case foggy
    /// No color; of color images only.
    case gray
    /// Hues turned by up to 120°, as by another light or stain; of color images only.
    case recolored
  }

  /// Writes a dataset of the same splits, classes, boxes and file names whose images are shifted, stored as samples.
  ///
  /// - Parameters:
  ///   - shift: what happens to the images; what is random in it depends on an image's index alone.
  ///   - severity: above 0, up to 1, the full change.
  ///   - path: the file to write; it appears whole or not at all.
  ///   - isCancelled: looked at before each image; by default whether the current task is cancelled.
  /// - Throws: ``BulkheadError`` of the kind `exists` where there is a file already, `invalid` where the dataset holds feature
  ///   maps, boxes that the shift does not move, or gray images that it does not change, or `cancelled`.
  public func writeShifted(
    _ shift: Shift, severity: Double = 1, to path: String,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) {
    try translatingErrors {
      guard severity > 0, severity <= 1 else {
        throw BulkheadError(.invalid, "LabeledDataset: the severity is \(severity); expected above 0, up to 1")
      }
      guard try OutputFile(path, inputs: [value.path]).problem(replacing: false) == nil else {
        throw BulkheadError(.exists, "\(path): it exists already; choose another path")
      }
      try Derivation(shift: DomainShift(kind: shift.value, severity: severity)).write(
        from: value.path, to: path, name: nil, shouldStop: isCancelled)
    }
  }
}

extension LabeledDataset.Shift {
  /// The module's own.
  fileprivate var value: DomainShift.Kind {
    switch self {
    case .inverted: .inverted
    case .edges: .edges
    case .rotated: .rotated
    case .blurred: .blurred
    case .noisy: .noisy
    case .textured: .textured
    case .displaced: .displaced
    case .foggy: .foggy
    case .gray: .gray
    case .recolored: .recolored
    }
  }
}
