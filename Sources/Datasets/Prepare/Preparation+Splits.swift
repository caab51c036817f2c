internal import Support
import Tensors

extension Preparation {
  /// The split of each image that goes into the dataset: class by class, in an order drawn from seed and class.
  func splits(
    of kept: [Int], in images: SourceImages, classNames: [String], path: String
  ) throws(FileError) -> [Int: Split] {
    let sharing = [train, images.validation == nil ? validation : nil, images.test == nil ? test : nil]
    guard sharing.count(where: { $0 == .rest }) <= 1 else {
      throw FileError(
        what: "two splits take the rest", path: path, expected: "at most one", action: "give the other a share")
    }
    try requireWhole([("test", images.test == nil ? test : nil), ("validation", sharing[1]), ("train", train)], path)
    // Images without objects are split like one more class.
    var classes = (classNames + ["background"]).map { _ in [Split: [Int]]() }
    for index in kept {
      let isEmpty = images.all.regions(at: index).first?.mark == .background
      let label = isEmpty ? classNames.count : images.all.label(at: index)
      classes[label][images.givenSplit(of: index), default: []].append(index)
    }
    // A source with splits of its own loses no training images to a test set that it does not have.
    let unasked = SplitShare.fraction(images.validation == nil ? 0.2 : 0)
    var splits: [Int: Split] = [:]
    for (label, indices) in classes.enumerated() where label < classNames.count || !indices.isEmpty {
      func deck(_ split: Split, _ what: String) -> Deck {
        Deck(indices[split] ?? [], seed: seed, label: label, what: what)
      }
      var pool = deck(.train, "pool")
      var (givenTest, givenValidation) = (deck(.test, "test"), deck(.validation, "validation"))
      let className = label < classNames.count ? classNames[label] : "background"
      func describe(_ split: Split) -> String { "split \(split.rawValue) of class \(className)" }
      _ = try pool.take(omitted, describedAs: "omitted images of class \(className)", path: path)
      var shares: [(split: Split, share: SplitShare)] = []
      if images.test == nil {
        shares.append((.test, test ?? unasked))
      } else {
        for index in try givenTest.take(test ?? .rest, describedAs: describe(.test), path: path) {
          splits[index] = .test
        }
      }
      if images.validation == nil {
        shares.append((.validation, validation ?? .fraction(0.1)))
      } else {
        for index in try givenValidation.take(validation ?? .rest, describedAs: describe(.validation), path: path) {
          splits[index] = .validation
        }
      }
      shares.append((.train, train))
      // The rest is what all others leave, wherever it stands among them.
      func isAsked(_ split: Split) -> Bool { split == .train || (split == .test ? test : validation) != nil }
      let amounts = try pool.amounts(of: shares, isAsked: isAsked, describedAs: describe, path: path)
      for (split, amount) in zip(shares.map(\.split), amounts) {
        for index in pool.take(amount) { splits[index] = split }
      }
    }
    guard !splits.isEmpty else {
      throw FileError(
        what: "no images are left", path: path, expected: "at least one", action: "check the source and the shares")
    }
    return splits
  }

  /// Throws where the parts that are asked for are together more than the whole.
  private func requireWhole(_ shares: [(name: String, share: SplitShare?)], _ path: String) throws(FileError) {
    var parts: [(name: String, part: Double)] = []
    let all: [(name: String, share: SplitShare?)] = [("omit", omitted)] + shares
    for (name, share) in all {
      if case .fraction(let part)? = share, part > 0 { parts.append((name, part)) }
    }
    guard parts.reduce(0, { $0 + $1.part }) > 1 + 1e-9, parts.allSatisfy({ $0.part <= 1 }) else { return }
    let list = parts.map { "\((100 * $0.part).formatted(digits: 1)) % for \($0.name)" }.joined(separator: " and ")
    throw FileError(
      what: "shares of \(list) are more than the whole", path: path, expected: "at most 100 % together",
      action: "ask for less, or for the rest")
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
    try take(share.amount(ofTotal: cards.count, left: cards.count - taken, describedAs: what, path: path))
  }

  /// The next cards, which there are.
  mutating func take(_ count: Int) -> ArraySlice<Int> {
    defer { taken += count }
    return cards[taken..<taken + count]
  }

  /// The number of cards of each split, in order; of the rest, what all others leave.
  func amounts(
    of shares: [(split: Split, share: SplitShare)], isAsked: (Split) -> Bool, describedAs what: (Split) -> String,
    path: String
  ) throws(FileError) -> [Int] {
    var left = cards.count - taken
    var amounts: [Int] = []
    for (split, share) in shares {
      let amount =
        share == .rest
        ? 0
        : try share.amount(
          ofTotal: cards.count, left: left, isAsked: isAsked(split), describedAs: what(split), path: path)
      amounts.append(amount)
      left -= amount
    }
    return zip(shares, amounts).map { $0.share == .rest ? left : $1 }
  }
}
