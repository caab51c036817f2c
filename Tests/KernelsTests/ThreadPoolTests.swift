import Foundation
import Kernels
import Synchronization
import Tensors
import Testing

@Suite struct ThreadPoolTests {
  static func withThreads<Result>(_ threads: Int, _ body: () -> Result) -> Result {
    ThreadPool(threads: threads).use(body)
  }

  @Test(arguments: [1, 2, 5]) func everyTileRunsOnce(threads: Int) {
    Self.withThreads(threads) {
      for tiles in [0, 1, 2, 3, 7, 100, 1_000] {
        let counts = (0..<tiles).map { _ in Counter() }
        ThreadPool.current.parallel(tiles) { counts[$0].increment() }
        #expect(counts.allSatisfy { $0.value == 1 })
      }
    }
  }

  /// One pool that several threads use, within its tiles too: all of their work is done.
  @Test func onePoolServesSeveralThreads() async {
    let pool = ThreadPool(threads: 3)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 {
        group.addTask {
          pool.use {
            for _ in 0..<300 {
              let counts = (0..<20).map { _ in Counter() }
              ThreadPool.current.parallel(20) { tile in
                ThreadPool.current.parallel(2) { _ in counts[tile].increment() }
              }
              guard counts.allSatisfy({ $0.value == 2 }) else { return false }
            }
            return true
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }

  /// Kernels take the pool of the innermost `use`, and the calling thread alone outside of any.
  @Test func poolsAreScoped() {
    #expect(ThreadPool.current.threads == 1)
    ThreadPool(threads: 2).use {
      #expect(ThreadPool.current.threads == 2)
      ThreadPool(threads: 3).use { #expect(ThreadPool.current.threads == 3) }
      #expect(ThreadPool.current.threads == 2)
    }
    #expect(ThreadPool.current.threads == 1)
  }

  /// A pool's threads end with it.
  @Test func threadsEndWithTheirPool() throws {
    func threads() throws -> Int {
      try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
        .first { $0.hasPrefix("Threads:") }.flatMap { Int($0.dropFirst(8).trimmingCharacters(in: .whitespaces)) } ?? 0
    }
    for _ in 0..<100 { ThreadPool(threads: 20).use { ThreadPool.current.parallel(40) { _ in } } }
    // 1,900 threads were started; those of the last pools may be on their way out, and other tests run meanwhile.
    for _ in 0..<12_000 where try threads() > 300 { Thread.sleep(forTimeInterval: 0.05) }
    #expect(try threads() <= 300)
  }

  final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func increment() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
  }

  /// Every kernel gives bit-for-bit identical results on any number of threads.
  @Test(arguments: Precision.allCases.filter(\.isAvailable)) func resultsDoNotDependOnTheNumberOfThreads(
    precision: Precision
  ) {
    func compute() -> [Tensor] {
      var stream = RandomStream(seed: 21)
      let extents = Extents([
        Extent(height: 33, width: 31), Extent(height: 33, width: 31), Extent(height: 20, width: 40),
        Extent(height: 9, width: 9), Extent(height: 36, width: 36),
      ])
      let kernel = Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1)
      let x = stream.normal([extents.positionCount, 16])
      let weight = stream.normal([3, 3, 16, 24])
      let dy = stream.normal([extents.positionCount, 24])
      let statistics = BatchNormalization.statistics(of: x)
      let normalization = BatchNormalization(
        statistics, scale: stream.normal([16]), offset: stream.normal([16]), epsilon: 1e-5, fusesReLU: true)
      let sums = normalization.parameterGradients(x, x)
      var normalized = x
      normalization.inputGradient(x, &normalized, sums: sums)
      let maxima = MaxPooling(size: 3, stride: 2).forward(x, extents)
      let (a, b) = (stream.normal([70, 900]), stream.normal([900, 333]))
      let product = Product.multiply(a, b, precision: precision)
      // As large as what is multiplied strip by strip, and updated in registers.
      let (few, wide) = (stream.normal([20, 1_300]), stream.normal([1_300, 900]))
      var (updated, velocity) = (wide, Tensor(zeros: wide.shape))
      let rows = Product.multiply(few, wide, precision: precision)
      let many = Product.multiply(stream.normal([70, 1_300]), wide, precision: precision)
      MomentumUpdate(
        learningRate: 0.1, weightDecay: 0.01, momentum: 0.9, gradientScale: 1, isCaffe: false, isNesterov: false
      ).apply(
        .product(input: few, outputGradient: rows, precision: precision), to: &updated, velocity: &velocity)
      var (adapted, first, second) = (wide, Tensor(zeros: wide.shape), Tensor(zeros: wide.shape))
      AdamWUpdate(learningRate: 0.1, weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: 1).apply(
        .product(input: few, outputGradient: rows, precision: precision), to: &adapted, firstMoment: &first,
        secondMoment: &second)
      return [
        rows, many, updated, velocity, adapted, first, second,
        kernel.forward(x, extents, weight: weight, bias: stream.normal([24]), precision: precision),
        kernel.inputGradient(dy, extents, weight: weight, precision: precision),
        kernel.weightGradient(x, dy, extents, precision: precision),
        statistics.mean, statistics.variance, sums.scale, sums.offset, normalization.forward(x),
        normalized, maxima.output,
        maxima.inputGradient(maxima.output, extents), Rows.columnSums(dy), product,
        Product.multiply(a, product, transposed: .first, precision: precision),
        Product.multiply(product, b, transposed: .second, precision: precision),
        Elementwise.dropout(x, rate: 0.5, seed: 4), Tensor(scalar: Float(Elementwise.sumOfSquares(x))),
      ]
    }
    let one = compute()
    for threads in [2, 3] { #expect(Self.withThreads(threads, compute) == one) }
  }

}
