internal import Support
import Tensors

extension Preparation {
  /// The split of each image that goes into the dataset: class by class, in an order drawn from seed and class.
  func splits(
    of kept: [Int], in images: SourceImages, classNames: [String], path: String
  ) throws(FileError) -> [Int: Split] {
    let sharing = images.test == nil ? [train, validation, test] : [train, validation]
    guard sharing.count(where: { $0 == .rest }) <= 1 else {
      throw FileError(
        what: "two splits take the rest", path: path, expected: "at most one", action: "give the other a share")
    }
    var classes = classNames.map { _ in (pool: [Int](), given: [Int]()) }
    for index in kept {
      if images.isGivenTest(index) {
        classes[images.label(at: index)].given.append(index)
      } else {
        classes[images.label(at: index)].pool.append(index)
      }
    }
    var splits: [Int: Split] = [:]
    for (label, indices) in classes.enumerated() {
      var pool = Deck(indices.pool, seed: seed, label: label, what: "pool")
      var given = Deck(indices.given, seed: seed, label: label, what: "test")
      let className = classNames[label]
      func describe(_ split: Split) -> String { "split \(split.rawValue) of class \(className)" }
      _ = try pool.take(omitted, describedAs: "omitted images of class \(className)", path: path)
      let testCards =
        images.test == nil
        ? try pool.take(test ?? .fraction(0.2), describedAs: describe(.test), path: path)
        : try given.take(test ?? .rest, describedAs: describe(.test), path: path)
      for index in testCards { splits[index] = .test }
      for index in try pool.take(validation, describedAs: describe(.validation), path: path) {
        splits[index] = .validation
      }
      for index in try pool.take(train, describedAs: describe(.train), path: path) { splits[index] = .train }
    }
    guard !splits.isEmpty else {
      throw FileError(
        what: "no images are left", path: path, expected: "at least one", action: "check the source and the shares")
    }
    return splits
  }
}

/// A class's images in a shuffled order, taken from the top.
private struct Deck {
  private let cards: [Int]
  private var taken = 0

  init(_ indices: [Int], seed: UInt64, label: Int, what: String) {
    var stream = RandomStream(seed: seed, keys: RandomStream.key("split"), RandomStream.key(what), UInt64(label))
    cards = stream.permutation(of: indices.count).map { indices[$0] }
  }

  mutating func take(_ share: SplitShare, describedAs what: String, path: String) throws(FileError) -> ArraySlice<
    Int
  > {
    let count = try share.amount(ofTotal: cards.count, left: cards.count - taken, describedAs: what, path: path)
    defer { taken += count }
    return cards[taken..<taken + count]
  }
}
