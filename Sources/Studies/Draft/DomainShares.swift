internal import Datasets
internal import Support
internal import Tensors

/// How many images of each class of a domain go where: the target's come first, the source has the rest.
package struct DomainShares: Sendable, Equatable {
  /// Images of the smallest class.
  let smallest: Int
  /// Training images per class of the target.
  var targetTrain: Int
  /// Test images per class of the target.
  var targetTest: Int
  /// Validation and test images per class of the source.
  var sourceValidation: Int
  var sourceTest: Int

  /// Images per class of the target.
  var target: Int { targetTrain + targetTest }

  /// The fewest images per class that make a source and a target.
  static let fewest = 20
  /// Training images per class of a target, the most first; all can be cross-validated.
  static let sizes = [20, 10, 5]

  /// - Parameter imagesPerClass: the training images per class of a target; nil is up to a quarter of the smallest class.
  /// - Throws: `FileError` where a class has too few images, or the domain one class alone.
  init(of domain: DomainSurvey.Domain, imagesPerClass: Int?) throws(FileError) {
    let path = domain.source.images.paths.joined(separator: ", ")
    guard domain.classNames.count > 1 else {
      throw FileError(
        what: "one class alone in the domain \(domain.source.name)", path: path, expected: "two classes or more",
        action: "give the folder that holds the classes")
    }
    let fewest = max(Self.fewest, 2 * (imagesPerClass ?? 0))
    let small = zip(domain.classNames, domain.counts).filter { $0.1 < fewest }
    guard small.isEmpty else {
      let shared = domain.shared.reduce(0) { $0 + $1.count }
      throw FileError(
        what: "too few pictures in \(small.count) of \(domain.classNames.count) classes of the domain "
          + "\(domain.source.name): \(small.map { "\($0.0) has \($0.1)" }.listed)"
          + (shared > 0
            ? " (without \(shared) that \(domain.shared.map(\.keeper).joined(separator: " and ")) has too)" : ""),
        path: path,
        expected: "\(fewest) or more of each class that are no copies, for a source and a target without a common one",
        action: "add pictures, or move the small classes away")
    }
    let smallest = domain.counts.min() ?? 0
    self.smallest = smallest
    targetTrain = imagesPerClass ?? Self.sizes.first { $0 <= smallest / 4 } ?? Self.sizes.last ?? 5
    targetTest = min(50, smallest / 4)
    let rest = smallest - targetTrain - targetTest
    sourceValidation = max(1, min(20, rest / 10))
    sourceTest = max(1, min(30, rest * 15 / 100))
  }
}

extension DomainSurvey.Domain {
  /// What there is in it and what was left out, for people.
  func lines(shares: DomainShares) -> [String] {
    let total = counts.reduce(0, +)
    let sides = extents.map(\.height).sorted()
    let widths = extents.map(\.width).sorted()
    func range(_ values: [Int]) -> String {
      guard let least = values.first, let most = values.last else { return "0" }
      return least == most ? "\(least)" : "\(least)–\(most)"
    }
    var lines = [
      "\(source.name): \(total) pictures of \(classNames.count) classes, \(counts.min() ?? 0) to \(counts.max() ?? 0) of "
        + "each, \(range(sides)) x \(range(widths)) pixels, \(channels == 1 ? "gray" : "color")"
    ]
    if duplicates > 0 { lines.append("\(source.name): \(duplicates) copies of others left out") }
    if conflicting > 0 { lines.append("\(source.name): \(conflicting) copies under different classes left out") }
    for one in shared {
      lines.append(
        "\(source.name): \(one.count) pictures that \(one.keeper) has too left out here (such as \(one.example.here), "
          + "which is \(one.example.there))")
    }
    lines += remarks.map { "\(source.name): \($0)" }
    lines += skipped.map { "\(source.name): skipped \($0)" }
    return lines
  }
}
