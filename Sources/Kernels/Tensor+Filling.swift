import Synchronization
package import Tensors

extension Tensor {
  /// A tensor of a shape, filled part after part on all threads, as new memory takes longer to come than most values.
  ///
  /// - Parameters:
  ///   - partSize: elements of a part; the last one may have fewer.
  ///   - fill: fills a part; `first` is the place of its first element in row-major order.
  /// - Throws: what `fill` throws for any part.
  package init<Failure: Error>(
    _ shape: [Int], partSize: Int,
    fill: @Sendable (_ part: inout MutableSpan<Float>, _ first: Int) throws(Failure) -> Void
  ) throws(Failure) {
    self.init(uninitialized: shape)
    let count = count
    let failure = Mutex<Failure?>(nil)
    withUnsafeMutablePointer { base in
      ThreadPool.shared.parallel((count + partSize - 1) / partSize) { index in
        let first = index * partSize
        var part = MutableSpan(_unsafeStart: base + first, count: min(partSize, count - first))
        do throws(Failure) { try fill(&part, first) } catch { failure.withLock { $0 = error } }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
