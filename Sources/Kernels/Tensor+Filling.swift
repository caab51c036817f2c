internal import Support
package import Tensors

extension Tensor {
  /// A tensor that `fill` fills in parts, on all threads.
  ///
  /// - Parameters:
  ///   - partSize: elements per part; the last part may have fewer.
  ///   - fill: writes one part; `first` is the row-major index of its first element.
  /// - Throws: an error that `fill` throws for any part.
  package init<Failure: Error>(
    _ shape: [Int], partSize: Int,
    fill: @Sendable (_ part: inout MutableSpan<Float>, _ first: Int) throws(Failure) -> Void
  ) throws(Failure) {
    self.init(uninitialized: shape)
    let count = count
    let failure = Locked<Failure?>(nil)
    withUnsafeMutablePointer { base in
      ThreadPool.current.parallel((count + partSize - 1) / partSize) { index in
        let first = index * partSize
        var part = MutableSpan(_unsafeStart: base + first, count: min(partSize, count - first))
        do throws(Failure) { try fill(&part, first) } catch { failure.withLock { $0 = error } }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
