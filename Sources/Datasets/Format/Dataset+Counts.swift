internal import Tensors

extension Dataset {
  /// For each class the number of its samples in a split.
  package func sampleCounts(of split: Split) -> [Int] {
    samples(of: split).reduce(into: classNames.map { _ in 0 }) { counts, sample in counts[label(of: sample)] += 1 }
  }

  /// The least and the greatest height and width of an image in pixels, or of a map in cells; nil without images.
  package var extentRange: (heights: ClosedRange<Int>, widths: ClosedRange<Int>)? {
    let extents = (0..<imageCount).map { extent(ofImage: $0) }
    func range(_ sides: [Int]) -> ClosedRange<Int>? { sides.min().flatMap { least in sides.max().map { least...$0 } } }
    return range(extents.map(\.height)).flatMap { heights in range(extents.map(\.width)).map { (heights, $0) } }
  }
}
