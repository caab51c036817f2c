/// Holm's correction of a family of tests.
package enum Holm {
  /// Adjusted p values in the order given: the k-th smallest of n times n − k + 1, never falling, at most 1.
  ///
  /// Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.
  package static func adjusted(_ values: [Double]) -> [Double] {
    var adjusted = values
    var largest = 0.0
    for (rank, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
      largest = max(largest, min(1, values[index] * Double(values.count - rank)))
      adjusted[index] = largest
    }
    return adjusted
  }

  /// The same for intervals some of which are not known: nil for these.
  package static func adjusted(of intervals: [Interval?]) -> [Double?] {
    var next = adjusted(intervals.compactMap { $0?.p }).makeIterator()
    return intervals.map { $0 == nil ? nil : next.next() }
  }
}
