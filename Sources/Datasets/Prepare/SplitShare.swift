internal import Support

/// The share of each class that goes to a split.
package enum SplitShare: Sendable, Equatable {
  /// Everything that the other splits do not take.
  case rest
  /// A number of images per class, exactly.
  case count(Int)
  /// A number of images per class, or all if there are fewer.
  case atMost(Int)
  /// A part of each class, rounded to whole images.
  case fraction(Double)

  /// The number taken of a class of `total` images of which `left` are not yet in another split.
  /// - Parameter isAsked: whether the user asks for it; a default takes what is left.
  /// - Throws: `FileError` if there are fewer than asked for.
  func amount(
    ofTotal total: Int, left: Int, isAsked: Bool = true, describedAs what: String, path: String
  ) throws(FileError) -> Int {
    switch self {
    case .rest: return left
    case .atMost(let count) where count >= 0: return min(count, left)
    case .count(let count) where (0...left).contains(count): return count
    case .fraction(let part) where part >= 0 && part <= 1:
      // Shares of the whole that are rounded up leave up to half an image less to each of the others.
      guard !isAsked || part * Double(total) <= Double(left) + 1.5 else {
        throw FileError(
          what: "\(what) asks for \((100 * part).formatted(digits: 0)) % of \(total) images, of which \(left) are left",
          path: path, expected: "shares that are there together", action: "ask for less")
      }
      return min(Int((part * Double(total)).rounded()), left)
    case .count(let count) where count > left:
      throw FileError(
        what: "\(what) asks for \(count) images of which \(left) are left", path: path,
        expected: "no more than the available ones", action: "ask for fewer, or set an upper limit such as <=20")
    case .count(let number), .atMost(let number):
      throw FileError(what: "\(what) asks for \(number) images", path: path, expected: "0 or more")
    case .fraction(let part):
      throw FileError(what: "\(what) asks for a fraction of \(part)", path: path, expected: "0 to 1")
    }
  }
}
